"""The verbs of the project; each module is a command."""
