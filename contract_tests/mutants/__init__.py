"""Mutants: bodies and servers with one deliberate fault each, made of the contract alone."""
