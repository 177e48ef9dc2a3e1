"""Other servers of the contract, each with the verdict that a run against it must reach."""
