"""Questions across the line: whose turn it is, until when, and how fast each side answers."""
