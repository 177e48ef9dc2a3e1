"""Ratios against named peers, side by side in one run: `python -m benchmarks`, or `make bench`.

Nothing of the product may import this. What runs in a peer's environment stands in `workloads`
and needs nothing but what it measures.
"""
