"""Metrics in the printed output of any program: lines, their templates, and what their numbers mean."""
