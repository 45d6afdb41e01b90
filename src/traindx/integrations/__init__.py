"""One thin file for each framework; import the one that is meant, for none imports another's framework."""
