"""What one side promised by a date."""
