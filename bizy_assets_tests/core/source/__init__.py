"""Tests of reading and backing up the Bizy file."""
