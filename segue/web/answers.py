"""Answers: how many there were, and how quick, by route and status. Cheap enough for every one of them."""

from __future__ import annotations

import threading
from bisect import bisect_left
from collections.abc import Iterator
from itertools import accumulate
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from prometheus_client.metrics_core import Metric

BOUNDS = (0.005, 0.02, 0.1, 0.5, 2.0, 10.0)
"""Seconds; what took longer comes last."""
NAMES = [*map(str, BOUNDS), "+Inf"]


class Answers:
    """Those of this process."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._counts: dict[tuple[str, str], list[int]] = {}
        self._seconds: dict[tuple[str, str], float] = {}

    def count(self, route: str, code: str, seconds: float) -> None:
        """One more."""
        key = (route, code)
        with self._lock:
            if key not in self._counts:
                self._counts[key] = [0] * len(NAMES)
                self._seconds[key] = 0.0
            self._counts[key][bisect_left(BOUNDS, seconds)] += 1
            self._seconds[key] += seconds

    def collect(self) -> Iterator[Metric]:
        """They, as Prometheus takes them."""
        from prometheus_client.metrics_core import HistogramMetricFamily

        family = HistogramMetricFamily(
            "segue_answer_seconds", "How many requests were answered, and how quickly.", labels=["route", "status"]
        )
        with self._lock:
            counts = {key: accumulate(list(buckets)) for key, buckets in self._counts.items()}
            seconds = dict(self._seconds)
        for key, buckets in counts.items():
            family.add_metric(key, list(zip(NAMES, buckets, strict=True)), seconds[key])
        yield family
