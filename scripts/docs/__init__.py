"""What the documentation shows of the code: the contract, findings, figures, a screenshot."""
