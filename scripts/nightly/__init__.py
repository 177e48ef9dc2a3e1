"""The nightly bot: one GitHub issue for each target and topic."""
