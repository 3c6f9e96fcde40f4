"""The hosts, their ways to fail, and the program: they do on the wire what they say."""

import io
import json
import signal
import socket
import subprocess
import sys
import time
import wave
import zlib
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import requests

from tests.servers import behaviours
from tests.servers.asking import INPUT, create, look
from tests.servers.behaviours import Behaviour, after_acting, answer
from tests.servers.host import STOPS_WITHIN
from tests.servers.media import hosted_media, made_media
from tests.servers.schema import VERSION
from tests.servers.upstream import Upstream
from tests.serving import PATIENCE


@pytest.mark.parametrize(
    ("behaviour", "paid"),
    [
        (behaviours.drop(), 0),
        (behaviours.drop(reset=True), 0),
        (behaviours.hang(0.05), 0),
        (behaviours.drop_after_acting(), 1),
        (after_acting(behaviours.hang(0.05)), 1),
        (behaviours.cut(), 1),
    ],
)
def test_answers_are_lost_with_or_without_acting(upstream: Upstream, behaviour: Behaviour, paid: int) -> None:
    upstream.gateway.on_create(behaviour, times=1)
    with pytest.raises((requests.ConnectionError, requests.exceptions.ChunkedEncodingError)):
        create(upstream)
    assert len(upstream.gateway.creates) == paid
    assert create(upstream).status_code == 200


def test_an_answer_may_be_spoiled(upstream: Upstream) -> None:
    def told(behaviour: Behaviour) -> requests.Response:
        upstream.gateway.on_get(behaviour, times=1)
        return look(upstream, prediction_id)

    prediction_id = create(upstream).json()["id"]
    assert told(behaviours.with_id("../x")).json()["id"] == "../x"
    assert "id" not in told(behaviours.without("id")).json()
    assert isinstance(told(behaviours.altered(lambda said: [said])).json(), list)
    assert len(told(behaviours.huge()).content) > 2 * 1024 * 1024
    assert told(answer(200, None)).json() is None
    assert told(behaviours.empty()).content == b""
    with pytest.raises(requests.JSONDecodeError):
        told(behaviours.truncated()).json()
    page = told(behaviours.html())
    assert (page.status_code, page.headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    away = told(behaviours.redirect(f"{upstream.trap.address}/elsewhere", 307))
    assert (away.status_code, away.headers["Location"]) == (307, f"{upstream.trap.address}/elsewhere")
    assert told(behaviours.honest).json()["id"] == prediction_id


@pytest.mark.parametrize("behaviour", [behaviours.late(0.2), behaviours.drip(0.01, piece=64)])
def test_an_answer_may_take_its_time(upstream: Upstream, behaviour: Behaviour) -> None:
    upstream.gateway.on_create(behaviour)
    began = time.monotonic()
    assert create(upstream).json()["status"] == "starting"
    assert time.monotonic() - began > 0.1


def test_files_misbehave_one_by_one(upstream: Upstream) -> None:
    files = upstream.files
    audio, picture = files.output("x").values()
    wrong = [behaviours.mislabelled("text/plain"), behaviours.impostor(b"MZ"), answer(404), behaviours.html()]
    for behaviour in wrong:
        files.on_audio(behaviour, times=1)
    labelled, other, missing, page, good = (requests.get(audio, timeout=PATIENCE) for _ in range(5))
    assert (labelled.headers["Content-Type"], labelled.content) == ("text/plain", files.media.audio)
    assert (other.headers["Content-Type"], other.content) == ("audio/wav", b"MZ")
    assert (missing.status_code, page.status_code, good.content) == (404, 200, files.media.audio)
    files.on_spectrogram(behaviours.cut())
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        requests.get(picture, timeout=PATIENCE)
    assert requests.head(audio, timeout=PATIENCE).headers["Content-Length"] == str(len(files.media.audio))
    assert requests.get(f"{files.address}/x/notes.txt", timeout=PATIENCE).status_code == 404


def test_an_endless_file_goes_on_and_a_length_may_be_a_lie(upstream: Upstream) -> None:
    audio = upstream.files.output("x")["audio"]
    upstream.files.on_audio(behaviours.endless(), times=1)
    with requests.get(audio, stream=True, timeout=PATIENCE) as answered:
        assert "Content-Length" not in answered.headers
        taken = sum(len(piece) for piece, _ in zip(answered.iter_content(65_536), range(20), strict=False))
    assert taken > 2 * len(upstream.files.media.audio)
    upstream.files.on_audio(behaviours.cut(declared=10**12), times=1)
    with requests.get(audio, stream=True, timeout=PATIENCE) as answered:
        assert answered.headers["Content-Length"] == str(10**12)


def test_the_trap_tells_of_a_bare_connection_and_of_a_request(upstream: Upstream) -> None:
    with socket.create_connection(("127.0.0.1", upstream.trap.port)):
        deadline = time.monotonic() + PATIENCE
        while upstream.trap.untouched and time.monotonic() < deadline:
            time.sleep(0.01)
    assert upstream.trap.connections == 1
    assert requests.get(f"{upstream.trap.address}/v1/predictions/x", timeout=PATIENCE).status_code == 500
    assert [seen.path for seen in upstream.trap.requests] == ["/v1/predictions/x"]


def test_counts_need_no_key_and_survive_many_clients_at_once(upstream: Upstream) -> None:
    with ThreadPoolExecutor(8) as clients:
        told = list(clients.map(lambda number: create(upstream, prompt_a=str(number % 2)).json(), range(40)))
    look(upstream, told[0]["id"])
    counts = requests.get(f"{upstream.gateway.address}/_counts", timeout=PATIENCE).json()
    assert counts == {"creates": 40, "gets": 1, "prompts": {"0": 20, "1": 20}, "trapped": 0}
    assert len({one["id"] for one in told}) == 40


def test_a_connection_is_kept_and_ends_when_the_host_stops(upstream: Upstream) -> None:
    gateway, port = upstream.gateway, upstream.gateway.port
    with requests.Session() as session:
        counts = f"{gateway.address}/_counts"
        for _ in range(3):
            session.get(counts, timeout=PATIENCE)
        assert gateway.connections == 1
        gateway.stop()
        with pytest.raises(requests.ConnectionError):
            session.get(counts, timeout=PATIENCE)
        gateway.start()
        assert gateway.port == port
        assert session.get(counts, timeout=PATIENCE).ok


def test_stopping_does_not_wait_for_an_answer_that_hangs() -> None:
    with ThreadPoolExecutor(1) as client:
        with Upstream() as upstream:
            upstream.gateway.on_create(behaviours.hang(60))
            asked = client.submit(create, upstream)
            while not upstream.gateway.requests:
                time.sleep(0.01)
            began = time.monotonic()
        assert time.monotonic() - began < STOPS_WITHIN
        assert isinstance(asked.exception(), requests.ConnectionError)


def test_the_media_are_whole_and_always_the_same() -> None:
    media = made_media()
    assert media is made_media()
    start = media.spectrogram.index(b"IDAT") + 4
    pixels = zlib.decompress(media.spectrogram[start:-16])
    assert len(pixels) == 512 * 513
    with wave.open(io.BytesIO(hosted_media().audio)) as sound:
        assert sound.getnframes() == 225_351


def test_by_hand_it_prints_what_to_set_and_ends_on_ctrl_c() -> None:
    command = [sys.executable, "-m", "tests.servers", "--port", "0", "--instant"]
    here = Path(__file__).parents[2]
    with subprocess.Popen(command, cwd=here, stdout=subprocess.PIPE, text=True) as running:
        assert running.stdout is not None
        line, counts = running.stdout.readline(), running.stdout.readline().split()[1]
        settings = dict(pair.split("=", 1) for pair in line.split() if "=" in pair)
        key = {"Authorization": f"Bearer {settings['SEGUE_CHAINHUB_KEY']}"}
        path = f"{settings['SEGUE_CHAINHUB_URL']}/models/riffusion/riffusion/predictions"
        body = json.dumps({"version": VERSION, "input": INPUT})
        told = requests.post(path, data=body, headers=key, timeout=PATIENCE).json()
        assert told["output"]["audio"].startswith(f"http://{settings['SEGUE_FILE_HOSTS']}/")
        assert requests.get(counts, timeout=PATIENCE).json()["creates"] == 1
        running.send_signal(signal.SIGINT)
        assert running.wait(PATIENCE) == 0
