"""Tests of the contracts against files of every age of Bizy."""
