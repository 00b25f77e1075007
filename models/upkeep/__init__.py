"""Looking after the database as a whole: its keys and its backups. Above all features: it knows every table."""
