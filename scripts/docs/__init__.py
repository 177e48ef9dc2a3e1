"""What the documentation's pages take from the code: the contract, findings, figures, pictures."""
