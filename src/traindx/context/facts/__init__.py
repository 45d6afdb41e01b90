"""What can be known of a run besides its curves, and how people and programs spell it."""
