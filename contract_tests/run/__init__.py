"""One run against a server: requests, retries, probes and the run record."""
