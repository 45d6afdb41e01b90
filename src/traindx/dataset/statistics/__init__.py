"""Statistics in a stream: states that blocks update, that merge, and that travel as bytes."""
