"""A workbench for the life of a clip: everything real but time, which passes when we say so."""

from __future__ import annotations

import heapq
import time
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType

from segue import providers
from segue.clips import Clips
from segue.config import Settings
from segue.db import Database
from segue.media import Folder, Media
from segue.models import Clip
from segue.recipe import Recipe
from tests.servers.gateway import Replicate
from tests.servers.upstream import Upstream


class HandQueue:
    """The queue's interface, worked off by hand; sooner jobs first."""

    def __init__(self, bench: Bench) -> None:
        self._bench = bench
        self.due: list[tuple[float, int, str]] = []
        self.called_off: list[str] = []
        self._count = 0

    def advance(self, clip_id: str, delay: float = 0.0) -> None:
        self._count += 1
        heapq.heappush(self.due, (self._bench.now + delay, self._count, clip_id))

    def call_off(self, clip_id: str, delay: float = 0.0) -> None:
        self.called_off.append(clip_id)


class Bench:
    """A studio's clips, set up for one upstream, and with whatever more `settings` say."""

    def __init__(
        self,
        folder: Path,
        upstream: Upstream,
        settings: Mapping[str, str] | None = None,
        where: Path | str | None = None,
    ) -> None:
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.now = time.time()
        self.upstream = upstream
        self.name = "replicate" if isinstance(upstream.gateway, Replicate) else "chainhub"
        names = {"chainhub": ("SEGUE_CHAINHUB_KEY", "SEGUE_CHAINHUB_URL")}
        names["replicate"] = ("REPLICATE_API_TOKEN", "SEGUE_REPLICATE_URL")
        key, url = names[self.name]
        self.settings = Settings.load(
            {key: upstream.gateway.key, url: upstream.gateway.base, "SEGUE_FILE_HOSTS": upstream.files.netloc}
            | dict(settings or {})
        )
        self.providers = providers.enabled(self.settings)
        self.database = Database(where or folder / "segue.db")
        self.database.migrate()
        self.media: Media = Folder(folder / "media")
        self.media.prepare()
        self.queue = HandQueue(self)
        self.clips = self.another_process()

    def another_process(self) -> Clips:
        """The same studio as a second process sees it."""
        return Clips(self.database, self.providers, self.media, self.queue, clock=lambda: self.now)

    def submit(self, prompt_a: str = "funky synth solo", **fields: object) -> Clip:
        recipe = Recipe(**{"prompt_a": prompt_a, "prompt_b": "90's rap", "provider": self.name, **fields})  # type: ignore[arg-type]
        return self.clips.submit(recipe, token=f"token {self.queue._count} {self.now}")

    def step(self) -> None:
        """Let time pass until the next job is due, and do it."""
        due, _, clip_id = heapq.heappop(self.queue.due)
        self.now = max(self.now, due)
        self.clips.advance(clip_id)

    def finish(self, clip: Clip, steps: int = 60) -> Clip:
        """Work until the clip is over."""
        for _ in range(steps):
            if self.clip(clip).state.final:
                break
            self.step()
        return self.clip(clip)

    def clip(self, clip: Clip) -> Clip:
        """The clip as the database has it now."""
        found = self.clips.find(clip.id)
        assert found is not None
        return found

    def __enter__(self) -> Bench:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self.database.close()
