"""What one person's Home tab shows: read models over everything that concerns them."""
