"""Small data that every machine has: sklearn's digits, and what we make from a seed."""
