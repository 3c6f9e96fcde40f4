"""Webhooks: signed, fresh, and only a reason to look."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from segue.config import Settings
from segue.models import Clip, State
from segue.providers.base import ProviderError
from segue.providers.http import Http
from segue.providers.webhooks import FRESH_SECONDS, Webhooks
from segue.recipe import Recipe
from tests.bench import Bench
from tests.servers import life
from tests.servers.gateway import WEBHOOK_SECRET, Replicate
from tests.servers.upstream import Upstream
from tests.servers.wire import Answer, Exchange
from tests.studio import opened

PUBLIC = "https://segue.example.org"
BODY = json.dumps({"id": "abc", "status": "succeeded", "output": {"audio": "http://10.0.0.1/x"}}).encode()


def _signed(
    body: bytes = BODY, moment: float | None = None, secret: str = WEBHOOK_SECRET, name: str = "msg_1"
) -> dict[str, str]:
    stamp = str(int(time.time() if moment is None else moment))
    key = base64.b64decode(secret.partition("_")[2])
    digest = hmac.new(key, b".".join([name.encode(), stamp.encode(), body]), hashlib.sha256).digest()
    signature = base64.b64encode(digest).decode()
    return {"webhook-id": name, "webhook-timestamp": stamp, "webhook-signature": f"v1,{signature}"}


@pytest.fixture
def webhooks(replicate: Upstream) -> Webhooks:
    return Webhooks(Http(replicate.gateway.base, replicate.gateway.key, "Replicate"))


def test_what_is_signed_and_fresh_is_genuine(webhooks: Webhooks) -> None:
    assert webhooks.genuine(_signed(), BODY)


def test_one_of_several_signatures_is_enough(webhooks: Webhooks) -> None:
    headers = _signed()
    headers["webhook-signature"] = f"v1,bm90IHRoaXM= v2,xyz {headers['webhook-signature']}"
    assert webhooks.genuine(headers, BODY)


@pytest.mark.parametrize("away", [-FRESH_SECONDS - 5, FRESH_SECONDS + 60, -(10**9)])
def test_a_stale_one_is_refused_however_well_signed(webhooks: Webhooks, away: float) -> None:
    assert not webhooks.genuine(_signed(moment=time.time() + away), BODY)


OTHER_SECRET = "whsec_" + base64.b64encode(b"another").decode()
FORGED: dict[str, dict[str, str]] = {
    "another secret": _signed(secret=OTHER_SECRET),
    "another body": _signed(b"{}"),
    "another id": _signed() | {"webhook-id": "msg_2"},
    "no signature": _signed() | {"webhook-signature": ""},
    "an odd signature": _signed() | {"webhook-signature": "v1,\u00e9 v1, ,,v1"},
    "an odd version": _signed() | {"webhook-signature": _signed()["webhook-signature"].replace("v1", "v0")},
    "no time": _signed() | {"webhook-timestamp": ""},
    "an odd time": _signed() | {"webhook-timestamp": "now"},
    "a time in other digits": _signed() | {"webhook-timestamp": "١٢٣"},
    "an endless time": _signed() | {"webhook-timestamp": "9" * 5000},
    "nothing": {},
}


@pytest.mark.parametrize("how", FORGED)
def test_a_forged_one_is_refused(webhooks: Webhooks, how: str) -> None:
    assert not webhooks.genuine(FORGED[how], BODY)


def test_the_secret_is_asked_for_once(webhooks: Webhooks, replicate: Upstream) -> None:
    for _ in range(5):
        assert webhooks.genuine(_signed(), BODY)
        assert not webhooks.genuine(_signed(secret=OTHER_SECRET), BODY)
    assert [request.path for request in replicate.gateway.requests] == ["/v1/webhooks/default/secret"]


@pytest.fixture
def app(tmp_path: Path, replicate: Upstream) -> Iterator[Flask]:
    """A studio that can be reached from outside."""
    app = opened(
        Settings.load(
            {
                "SEGUE_DATA": str(tmp_path / "data"),
                "SEGUE_PUBLIC_URL": PUBLIC,
                "REPLICATE_API_TOKEN": replicate.gateway.key,
                "SEGUE_REPLICATE_URL": replicate.gateway.base,
            }
        )
    )
    yield app
    app.extensions["segue"].database.close()


@pytest.fixture
def clip(app: Flask) -> Clip:
    """A clip whose run was asked for, and whose next look is some time away."""
    clips = app.extensions["segue"].clips
    clip: Clip = clips.submit(Recipe("church bells", provider="replicate"), "token")
    clips.advance(clip.id)
    with app.extensions["segue"].database.write() as session:
        session.get_one(Clip, clip.id).next_look_at = time.time() + 1000
    return clip


def _post(client: FlaskClient, clip_id: str, headers: dict[str, str], body: bytes = BODY) -> TestResponse:
    return client.post(f"/webhooks/replicate/{clip_id}", data=body, headers=headers, content_type="application/json")


def _due(app: Flask, clip: Clip) -> float:
    found = app.extensions["segue"].clips.find(clip.id)
    assert found is not None
    return float(found.next_look_at) - time.time()


def test_a_create_says_where_to_reach_us(app: Flask, clip: Clip, replicate: Upstream) -> None:
    asked = replicate.gateway.requests[-1].json
    assert asked["webhook"] == f"{PUBLIC}/webhooks/replicate/{clip.id}"
    assert asked["webhook_events_filter"] == ["start", "logs", "completed"]


def test_a_webhook_hastens_the_next_look_and_does_nothing_else(app: Flask, clip: Clip) -> None:
    answer = _post(app.test_client(), clip.id, _signed())
    assert answer.status_code == 204
    assert "Set-Cookie" not in answer.headers
    assert _due(app, clip) <= 1.0
    found = app.extensions["segue"].clips.find(clip.id)
    assert found.state is State.STARTING, "what it says is not taken for true"


def test_a_webhook_that_comes_twice_is_harmless(app: Flask, clip: Clip) -> None:
    client = app.test_client()
    assert [_post(client, clip.id, _signed()).status_code for _ in range(3)] == [204, 204, 204]


def test_a_forged_webhook_changes_nothing(app: Flask, clip: Clip) -> None:
    assert _post(app.test_client(), clip.id, _signed(secret=OTHER_SECRET)).status_code == 403
    assert _post(app.test_client(), clip.id, _signed(moment=time.time() - 3600)).status_code == 403
    assert _due(app, clip) > 900


def test_a_webhook_for_no_clip_or_no_provider_is_harmless(app: Flask, clip: Clip) -> None:
    client = app.test_client()
    assert _post(client, "nosuchclip", _signed()).status_code == 204
    assert client.post(f"/webhooks/sketch/{clip.id}", data=BODY, headers=_signed()).status_code == 403
    assert client.post(f"/webhooks/chainhub/{clip.id}", data=BODY, headers=_signed()).status_code == 404
    assert client.get(f"/webhooks/replicate/{clip.id}").status_code == 303, "there is no page; sign in first"


def test_a_webhook_that_cannot_be_checked_is_sent_again_later(app: Flask, clip: Clip, replicate: Upstream) -> None:
    replicate.gateway.stop()
    client = app.test_client()
    assert _post(client, clip.id, _signed()).status_code == 503
    replicate.gateway.start()
    asked = len(replicate.gateway.requests)
    assert _post(client, clip.id, _signed()).status_code == 503
    assert len(replicate.gateway.requests) == asked, "whoever forges webhooks does not make us ask each time"
    assert _due(app, clip) > 900


class Silent(Replicate):
    """Does not tell its secret before `speak`."""

    asked, speak = threading.Event(), threading.Event()

    def more(self, method: str, path: str) -> Answer:
        self.asked.set()
        self.speak.wait(30)
        return super().more(method, path)


def test_webhooks_that_come_while_the_provider_is_silent_are_turned_away_at_once() -> None:
    with Upstream(Silent) as upstream, ThreadPoolExecutor(1) as pool:
        webhooks = Webhooks(Http(upstream.gateway.base, upstream.gateway.key, "Replicate"))
        first = pool.submit(webhooks.genuine, _signed(), BODY)
        assert Silent.asked.wait(30)
        try:
            for _ in range(20):
                with pytest.raises(ProviderError, match="not known yet"):
                    webhooks.genuine(_signed(), BODY)
            assert not first.done()
        finally:
            Silent.speak.set()
        assert first.result()
        assert webhooks.genuine(_signed(), BODY)


def test_a_studio_without_https_asks_for_no_webhooks(tmp_path: Path, replicate: Upstream) -> None:
    with Bench(tmp_path / "bench", replicate, {"SEGUE_PUBLIC_URL": "http://segue.example.org"}) as bench:
        bench.submit()
        bench.step()
        assert "webhook" not in replicate.gateway.requests[-1].json
        assert not bench.providers["replicate"].vouches(_signed(), BODY)


@pytest.fixture
def bench(tmp_path: Path, replicate: Upstream) -> Iterator[Bench]:
    with Bench(tmp_path / "bench", replicate, {"SEGUE_PUBLIC_URL": PUBLIC}) as running:
        yield running


def test_polls_fall_to_a_slow_heartbeat_while_webhooks_arrive(bench: Bench) -> None:
    bench.upstream.gateway.script = life.STUCK
    clip = bench.submit()
    bench.step()
    bench.now += 2
    bench.clips.knock(clip.id)
    bench.clips.advance(clip.id)
    assert bench.clip(clip).next_look_at == bench.now + 30


def test_without_webhooks_polling_goes_on(bench: Bench) -> None:
    bench.upstream.gateway.script = life.STUCK
    clip = bench.submit()
    for _ in range(12):
        bench.step()
    assert bench.clip(clip).next_look_at == bench.now + 5


def test_however_often_it_knocks_it_is_looked_at_once_a_second(bench: Bench) -> None:
    bench.upstream.gateway.script = life.STUCK
    clip = bench.submit()
    bench.step()
    for _ in range(20):
        bench.now += 0.1
        bench.clips.knock(clip.id)
        bench.clips.advance(clip.id)
    assert bench.upstream.gateway.gets <= 3


def test_a_knock_during_a_look_is_not_lost(bench: Bench) -> None:
    """The look may have been answered just before the news; without this, the news would wait for the heartbeat."""
    bench.upstream.gateway.script = life.STUCK
    clip = bench.submit()
    bench.step()
    bench.now += 2

    def knock(exchange: Exchange) -> None:
        bench.now += 0.01
        bench.clips.knock(clip.id)
        exchange.send(exchange.act())

    bench.upstream.gateway.on_get(knock, times=1)
    bench.clips.advance(clip.id)
    assert bench.clip(clip).next_look_at <= bench.now + 1


def test_a_finished_clip_is_left_alone(bench: Bench) -> None:
    clip = bench.finish(bench.submit())
    before = len(bench.queue.due)
    bench.clips.knock(clip.id)
    assert len(bench.queue.due) == before
    assert bench.clip(clip).version == clip.version
