"""Metrics: how the studio is, in numbers, as Prometheus takes them. No number is about anybody in particular."""

from __future__ import annotations

import shutil
import sys
import time
from collections.abc import Iterator
from typing import TYPE_CHECKING

from sqlalchemy import func, select

from segue.models import Clip, State, Tally
from segue.parts import Parts
from segue.version import VERSION

if TYPE_CHECKING:
    from prometheus_client import CollectorRegistry
    from prometheus_client.metrics_core import Metric


class Studio:
    """What is kept here, and what waits: a look at the database each time."""

    def __init__(self, here: Parts) -> None:
        self._here = here

    def collect(self) -> Iterator[Metric]:
        from prometheus_client.metrics_core import GaugeMetricFamily, InfoMetricFamily

        clips = GaugeMetricFamily("segue_clips", "Clips by state.", labels=["state"])
        runs = GaugeMetricFamily("segue_runs", "Runs asked for so far, by player.", labels=["provider"])
        with self._here.database.reader.connect() as connection:
            for state, count in connection.execute(select(Clip.state, func.count()).group_by(Clip.state)):
                clips.add_metric([state.value], count)
            for provider, count in connection.execute(
                select(Tally.provider, func.sum(Tally.runs)).group_by(Tally.provider)
            ):
                runs.add_metric([provider], count)
            waits = select(func.count(), func.min(Clip.created_at)).where(Clip.state == State.QUEUED)
            waiting, oldest = connection.execute(waits).one()
        yield clips
        yield runs
        yield GaugeMetricFamily("segue_queue_length", "Clips that wait for their turn.", value=waiting)
        age = max(0.0, time.time() - oldest) if oldest is not None else 0.0
        yield GaugeMetricFamily("segue_queue_oldest_seconds", "How long the first of them has waited.", value=age)
        yield GaugeMetricFamily("segue_media_bytes", "What kept files take.", value=self._here.storage.fill().used)
        free = shutil.disk_usage(self._here.settings.data).free
        yield GaugeMetricFamily("segue_disk_free_bytes", "What is free where they are kept.", value=free)
        python = ".".join(map(str, sys.version_info[:3]))
        yield InfoMetricFamily("segue_build", "What runs here.", value={"version": VERSION, "python": python})


def registry(here: Parts) -> CollectorRegistry:
    """What is collected of the studio and of this process."""
    # Only those who ask for it load it.
    from prometheus_client import CollectorRegistry, ProcessCollector

    collected = CollectorRegistry()
    ProcessCollector(registry=collected)
    collected.register(Studio(here))
    return collected
