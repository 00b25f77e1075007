"""What recurs, and the questions that are asked."""
