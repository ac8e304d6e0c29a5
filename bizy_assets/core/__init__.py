"""The migration itself in plain Python: SQLite, PostgreSQL and the contracts, no Dagster."""
