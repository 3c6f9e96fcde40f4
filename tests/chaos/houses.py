"""The unruly houses: a gateway of ChainHub's shape and Replicate itself, each with a host for its files."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

from tests.chaos.mischief import Mischief
from tests.servers.behaviours import Behaviour
from tests.servers.files import FileHost, file_answer
from tests.servers.gateway import Gateway, Replicate
from tests.servers.life import Life
from tests.servers.media import Media, made_media, marked
from tests.servers.shapes import problem, reply
from tests.servers.trap import Trap
from tests.servers.wire import Answer, Exchange, Request


class UnrulyFiles(FileHost):
    """Files of their own for each run, so that none can be taken for another's."""

    def __init__(self, mischief: Mischief) -> None:
        super().__init__(made_media())
        self.mischief = mischief
        self.owner: Callable[[str], str] = str
        """Whose run that is, by its id."""

    def of(self, prediction_id: str) -> Media:
        """The files of a run."""
        return marked(self.media, hashlib.sha256(prediction_id.encode()).digest())

    def serve(self, exchange: Exchange) -> None:
        folder, _, name = exchange.request.path.rpartition("/")
        prediction_id = folder.rpartition("/")[2]
        files = {"audio.wav": "audio", self.media.spectrogram_name: "picture"}
        if exchange.request.method != "GET" or name not in files or not prediction_id:
            exchange.send(reply(404, problem("No such file.")))
            return
        media = self.of(prediction_id)
        body = media.audio if files[name] == "audio" else media.spectrogram
        exchange.acts_by(lambda: file_answer(body, name))
        self.mischief.behaviour(files[name], self.owner(prediction_id))(exchange)


class UnrulyGateway(Gateway):
    """A clip is known here by its first prompt, which no other clip has but its retries."""

    files: UnrulyFiles

    def __init__(self, mischief: Mischief, elsewhere: Trap, key: str) -> None:
        self.mischief = mischief
        files = UnrulyFiles(mischief)
        files.owner = self.owner
        super().__init__(files, elsewhere, key=key)

    def owner(self, prediction_id: str) -> str:
        run = self.predictions.get(prediction_id)
        return str(run.input["prompt_a"]) if run else ""

    def route(self, request: Request, path: str, query: str) -> tuple[Behaviour, Callable[[], Answer]]:
        behaviour, act = super().route(request, path, query)
        mischief = self.mischief
        match request.method, path.split("/")[1:]:
            case "POST", _ if path == self.create_path:
                whose = str(request.json["input"]["prompt_a"])
                return mischief.creates.guard(mischief.behaviour("create", whose)), act
            case "GET", ["predictions", prediction_id]:
                return mischief.looks.guard(mischief.behaviour("look", self.owner(prediction_id))), act
            case "POST", ["predictions", prediction_id, "cancel"] if self.cancels:
                return mischief.behaviour("cancel", self.owner(prediction_id)), act
            case "GET", ["predictions"] if self.lists:
                return mischief.looks.guard(mischief.behaviour("list", "all")), act
        return behaviour, act

    def life(self, asked: dict[str, Any]) -> Life:
        return self.mischief.life(str(asked["prompt_a"]))


class UnrulyReplicate(UnrulyGateway, Replicate):
    """The same with Replicate's shape, its list and its cancel."""
