"""What is true: tables, rules, queries and use cases."""
