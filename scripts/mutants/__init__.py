"""The mutation score of the contract tests: `python -m scripts.mutants`."""
