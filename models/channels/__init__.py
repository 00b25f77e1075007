"""What happens to channels, and to people in them: who is told, what ends, what comes back."""
