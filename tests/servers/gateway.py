"""The two houses that run riffusion over HTTP: a gateway of ChainHub's shape, and Replicate itself."""

import threading
from base64 import b64encode
from collections import Counter
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

from tests.servers.behaviours import Behaviour, honest
from tests.servers.files import FileHost
from tests.servers.host import Host
from tests.servers.life import INSTANT, STEADY, Life, failed
from tests.servers.prediction import Prediction
from tests.servers.schema import MISSPELT, VERSION, complaints
from tests.servers.script import Script
from tests.servers.shapes import invalid_input, nested, problem, reply
from tests.servers.trap import Trap
from tests.servers.wire import Answer, Exchange, Request

KEY = "loopback-key-7Hq2"
WEBHOOK_SECRET = "whsec_" + b64encode(b"a secret that only two know").decode()
PAGE = 100
"""Predictions on a page of the list."""


class Gateway(Host):
    """`POST {base}/models/riffusion/riffusion/predictions` and `GET {base}/predictions/{id}`, with `key`.

    `script` is the life of every prediction created from now on; `play` that of the next ones. `on_create`,
    `on_get` and `on_cancel` say how a call goes wrong; see `behaviours`. `creates` has every run in order,
    `predictions` has them by id. `GET /_counts` tells all that to another process, without the key.
    """

    root = "/replicate/v1"
    create_path = "/models/riffusion/riffusion/predictions"
    created = 200
    cancels = False
    lists = False

    def __init__(
        self,
        files: FileHost,
        trap: Trap,
        *,
        key: str = KEY,
        port: int = 0,
        recording: bool = True,
    ) -> None:
        super().__init__(port=port, recording=recording)
        self.files, self.trap, self.key = files, trap, key
        self.creates: list[Prediction] = []
        self.predictions: dict[str, Prediction] = {}
        self.gets = 0
        self._lives: Script[Life] = Script(STEADY)
        self._create: Script[Behaviour] = Script(honest)
        self._get: Script[Behaviour] = Script(honest)
        self._cancel: Script[Behaviour] = Script(honest)
        self._list: Script[Behaviour] = Script(honest)
        self._lock = threading.Lock()

    @property
    def base(self) -> str:
        return self.address + self.root

    @property
    def script(self) -> Life:
        return self._lives.lasting

    @script.setter
    def script(self, life: Life) -> None:
        self._lives.add(life, None)

    def play(self, life: Life, times: int = 1) -> None:
        self._lives.add(life, times)

    def finish(self) -> None:
        """Every run there is has gone well by the next look."""
        for prediction in list(self.predictions.values()):
            prediction.life = INSTANT

    def on_create(self, behaviour: Behaviour, times: int | None = None) -> None:
        """So many times, or from now on; see `Script`."""
        self._create.add(behaviour, times)

    def on_get(self, behaviour: Behaviour, times: int | None = None) -> None:
        self._get.add(behaviour, times)

    def on_cancel(self, behaviour: Behaviour, times: int | None = None) -> None:
        self._cancel.add(behaviour, times)

    def on_list(self, behaviour: Behaviour, times: int | None = None) -> None:
        self._list.add(behaviour, times)

    def serve(self, exchange: Exchange) -> None:
        request = exchange.request
        path, _, query = request.path.partition("?")
        if path == "/_counts":
            exchange.send(reply(200, self.counts()))
        elif request.headers.get("authorization") != f"Bearer {self.key}":
            exchange.send(self.unauthenticated())
        elif not path.startswith(self.root):
            exchange.send(self.not_found())
        else:
            behaviour, act = self.route(request, path.removeprefix(self.root), query)
            exchange.acts_by(act)
            behaviour(exchange)

    def route(self, request: Request, path: str, query: str) -> tuple[Behaviour, Callable[[], Answer]]:
        match request.method, path.split("/")[1:]:
            case "GET", ["predictions", prediction_id]:
                with self._lock:
                    self.gets += 1
                return self._get.next(), lambda: self.get(prediction_id)
            case "POST", _ if path == self.create_path:
                return self._create.next(), lambda: self.create(request)
            case "POST", ["predictions", prediction_id, "cancel"] if self.cancels:
                return self._cancel.next(), lambda: self.cancel(prediction_id)
            case "GET", ["predictions"] if self.lists:
                return self._list.next(), lambda: self.page(query)
        return honest, lambda: self.more(request.method, path)

    def more(self, method: str, path: str) -> Answer:
        """What a house has beside predictions."""
        return self.not_found()

    def create(self, request: Request) -> Answer:
        try:
            body = request.json
        except ValueError:
            return reply(400, problem("The body is not JSON.", title="Bad request"))
        if found := complaints(body):
            return reply(422, invalid_input(found))
        prediction = Prediction(body["input"], self.life(body["input"]))
        with self._lock:
            self.creates.append(prediction)
            self.predictions[prediction.id] = prediction
        return reply(self.created, self.tell(prediction))

    def life(self, asked: dict[str, Any]) -> Life:
        """What will become of a run with this input."""
        life = self._lives.next()
        if asked.get("seed_image_id") == MISSPELT:
            return failed(f"[Errno 2] No such file or directory: 'seed_images/{MISSPELT}.png'")
        return life

    def get(self, prediction_id: str) -> Answer:
        prediction = self.predictions.get(prediction_id)
        if prediction is None:
            return self.not_found()
        with self._lock:
            prediction.gets += 1
        return reply(200, self.tell(prediction))

    def cancel(self, prediction_id: str) -> Answer:
        prediction = self.predictions.get(prediction_id)
        if prediction is None:
            return self.not_found()
        prediction.cancel()
        return reply(200, self.tell(prediction))

    def page(self, query: str) -> Answer:
        """The newest first; a cursor is how many older runs remain to be told."""
        runs = list(self.creates)
        end = int(parse_qs(query).get("cursor", [str(len(runs))])[0])
        start = max(0, end - PAGE)
        following = f"{self.base}/predictions?cursor="
        return reply(
            200,
            {
                "next": f"{following}{start}" if start else None,
                "previous": f"{following}{min(end + PAGE, len(runs))}" if end < len(runs) else None,
                "results": [self.tell(prediction) for prediction in reversed(runs[start:end])],
            },
        )

    def tell(self, prediction: Prediction) -> dict[str, Any]:
        return prediction.told_by_a_gateway(self.files, self.trap)

    def unauthenticated(self) -> Answer:
        return reply(401, nested("Invalid token", "invalid_token"))

    def not_found(self) -> Answer:
        return reply(404, nested("Invalid URL or task not found", "not_found"))

    def counts(self) -> dict[str, Any]:
        runs = list(self.creates)
        return {
            "creates": len(runs),
            "gets": self.gets,
            "prompts": Counter(prediction.input["prompt_a"] for prediction in runs),
            "trapped": self.trap.connections,
        }


class Replicate(Gateway):
    """`POST {base}/predictions`, cancel, and the list, as Replicate itself answers them."""

    root = "/v1"
    create_path = "/predictions"
    created = 201
    cancels = True
    lists = True

    def more(self, method: str, path: str) -> Answer:
        if (method, path) == ("GET", "/webhooks/default/secret"):
            return reply(200, {"key": WEBHOOK_SECRET})
        if (method, path) == ("GET", f"/models/riffusion/riffusion/versions/{VERSION}"):
            return reply(200, {"id": VERSION, "cog_version": "0.3.0"})
        return self.not_found()

    def tell(self, prediction: Prediction) -> dict[str, Any]:
        return prediction.told_by_replicate(self.files, self.trap)

    def unauthenticated(self) -> Answer:
        detail = "You did not pass a valid authentication token"
        return reply(401, problem(detail, title="Unauthenticated"))

    def not_found(self) -> Answer:
        return reply(404, problem("The requested resource could not be found."))
