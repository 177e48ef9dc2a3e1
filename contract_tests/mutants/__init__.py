"""Mutants: bodies and servers with one deliberate fault each, derived from the contract alone."""
