"""Chaos: a studio among unruly providers, impatient visitors and workers that are killed; then everything is checked.

`make chaos` runs it at length, tests/test_chaos.py in short. The same seed deals every clip the same faults.
"""
