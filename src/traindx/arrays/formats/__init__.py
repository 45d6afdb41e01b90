"""One file for each format of arrays or tables."""
