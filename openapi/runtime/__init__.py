"""Hand-written modules that `make generate` copies into the package, beside what it generates.

They know HTTP, JSON and JSON Schema's words, and nothing of a particular contract: what they need
of it stands in `contract.py`, which is generated. They import each other as the package does.
"""
