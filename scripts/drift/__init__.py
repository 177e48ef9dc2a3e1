"""Check a server against the contract: `python -m scripts.drift`."""
