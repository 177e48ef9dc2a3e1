"""Generate parts of the documentation from the code: the contract, findings, figures."""
