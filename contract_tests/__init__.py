"""Contract tests: check a server against the contract."""
