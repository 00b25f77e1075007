"""Who has the app installed: tokens, their renewal, stopping and forgetting a workspace."""
