"""What was said, promised and in the way, as tables for spreadsheets and other programs."""
