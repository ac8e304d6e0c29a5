"""The migration in plain Python, without Dagster.

``docs/ARCHITECTURE.md`` shows its packages in layers. Each imports only from the layers below it.
"""
