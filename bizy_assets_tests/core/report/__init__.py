"""Tests of the report of a migration, as Markdown and as a page."""
