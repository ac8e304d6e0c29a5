"""Tests of time zones, and of the times that the transformation computes with them."""
