"""What people write in plain words, so that nobody needs buttons, forms or commands."""
