"""Tests. They mirror the package; `servers/` has the real upstreams, `browser/` the real browser."""

import os

# Several tests run at once, a process each; within one, more threads would only spin.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")
