"""Explanations that would produce a set of findings, ranked."""
