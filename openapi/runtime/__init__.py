"""Hand-written modules that `make generate` copies into the package.

They know HTTP, JSON and the keywords of JSON Schema, but no particular contract: what they need
from it is in `contract.py`, which is generated. They import each other as in the package.
"""
