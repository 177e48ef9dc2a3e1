"""Apply a proposed change to the contract: `python -m scripts.accept FILE`."""
