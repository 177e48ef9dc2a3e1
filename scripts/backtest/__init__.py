"""Replay a vendor's history: `python -m scripts.backtest DIRECTORY`."""
