"""Build and try the distributions."""
