"""Is anything missing? Looks at settings, database, Slack and every engagement, and says how to mend it."""
