"""A studio on many boxes, soaked: steady clients, killed boxes, restarted servers, and a backup on the way.

`python -m tests.soak` runs for ten minutes, or SOAK_SECONDS.
"""
