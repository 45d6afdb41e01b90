"""Small writers of binary logs, for tests: independent of the readers that they test."""
