"""The oracle: an instance or a response in, findings out. No I/O."""
