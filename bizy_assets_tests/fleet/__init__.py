"""Tests of the fleet: many Bizy files as partitions, on workers of one machine."""
