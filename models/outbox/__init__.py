"""What is to be said in Slack, and what has been said."""
