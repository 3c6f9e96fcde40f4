"""Chaos: a studio among unruly providers, impatient visitors and workers that are killed; then everything is checked.

`make chaos` runs it at length, tests/test_chaos.py in short. With the same seed, the same call for a clip
meets the same fault.
"""
