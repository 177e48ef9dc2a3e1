"""What code generators make of the contract."""
