"""Judges a server by the contract."""
