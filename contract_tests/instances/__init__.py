"""Valid instances of the contract's schemas."""
