"""Write the client: `python -m scripts.generate`."""
