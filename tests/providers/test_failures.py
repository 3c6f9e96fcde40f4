"""Each way it can fail upstream ends in a sentence that says what happened and what to do."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from segue.models import Clip, State
from tests.bench import Bench
from tests.places import content
from tests.servers import behaviours, life
from tests.servers.behaviours import answer
from tests.servers.shapes import invalid, invalid_input, nested, problem
from tests.servers.upstream import Upstream

Arrange = Callable[[Upstream], object]

ON_CREATE: dict[str, tuple[Arrange, str, int]] = {
    # what happens: (how to bring it about, what is said, runs made upstream)
    "wrong key": (lambda u: setattr(u.gateway, "key", "another"), "does not accept this studio's key", 0),
    "no credit": (lambda u: u.gateway.on_create(answer(402, problem("Billing required"))), "no credit left", 0),
    "no quota": (lambda u: u.gateway.on_create(answer(403, nested("quota used up"))), "no credit left", 0),
    "not found": (lambda u: u.gateway.on_create(answer(404, problem("No such model"))), "No such model", 0),
    "invalid field": (
        lambda u: u.gateway.on_create(answer(422, invalid_input([invalid("input.alpha", "Must be at most 1")]))),
        "did not accept the recipe: input.alpha: Must be at most 1",
        0,
    ),
    "invalid, nested": (lambda u: u.gateway.on_create(answer(400, nested("bad seed", "x"))), "bad seed", 0),
    "throttled": (lambda u: u.gateway.on_create(behaviours.throttled(3)), "asked too often", 0),
    "throttled by header": (
        lambda u: u.gateway.on_create(behaviours.throttled(3, in_body=False, in_header=True)),
        "asked too often",
        0,
    ),
    "unavailable": (lambda u: u.gateway.on_create(answer(503, problem("Down"))), "may or may not have started", 0),
    "server error": (lambda u: u.gateway.on_create(answer(500, problem("Oops"))), "may or may not have started", 0),
    "timed out on the way": (
        lambda u: u.gateway.on_create(behaviours.after_acting(answer(524, problem("Timeout")))),
        "may or may not have started",
        1,
    ),
    "bad gateway": (lambda u: u.gateway.on_create(behaviours.html(502)), "may or may not have started", 0),
    "refused connection": (lambda u: u.gateway.stop(), "cannot be reached", 0),
    "dropped": (lambda u: u.gateway.on_create(behaviours.drop()), "may or may not have started", 0),
    "reset after acting": (
        lambda u: u.gateway.on_create(behaviours.drop_after_acting(reset=True)),
        "may or may not have started",
        1,
    ),
    "answer lost": (lambda u: u.gateway.on_create(behaviours.drop_after_acting()), "may or may not have started", 1),
    "HTML": (lambda u: u.gateway.on_create(behaviours.html()), "makes no sense", 0),
    "truncated JSON": (lambda u: u.gateway.on_create(behaviours.truncated()), "makes no sense", 1),
    "empty": (lambda u: u.gateway.on_create(behaviours.empty()), "makes no sense", 1),
    "a list": (lambda u: u.gateway.on_create(answer(200, [1, 2])), "makes no sense", 0),
    "null": (lambda u: u.gateway.on_create(answer(200, None)), "makes no sense", 0),
    "no id": (lambda u: u.gateway.on_create(behaviours.without("id")), "makes no sense", 1),
    "a path for an id": (lambda u: u.gateway.on_create(behaviours.with_id("../files")), "makes no sense", 1),
    "endless JSON": (lambda u: u.gateway.on_create(behaviours.huge()), "makes no sense", 1),
    "redirect": (
        lambda u: u.gateway.on_create(behaviours.redirect(u.trap.address + "/predictions", 307)),
        "said no (answer 307)",
        0,
    ),
}

ON_RUN: dict[str, tuple[Arrange, str]] = {
    "out of memory": (lambda u: u.gateway.play(life.failed()), "ran out of memory"),
    "model exception": (lambda u: u.gateway.play(life.failed("list index out of range")), "“list index out of range”"),
    "canceled there": (lambda u: u.gateway.play(life.canceled()), "canceled at ChainHub"),
    "aborted": (lambda u: u.gateway.play(life.aborted()), "not charged"),
    "output null": (lambda u: u.gateway.play(life.succeeded(lambda _: None)), "finished without any audio"),
    "output a string": (lambda u: u.gateway.play(life.succeeded(lambda _: "gone")), "finished without any audio"),
    "output a list": (lambda u: u.gateway.play(life.succeeded(lambda o: [o["audio"]])), "finished without any audio"),
    "no audio": (lambda u: u.gateway.play(life.succeeded(lambda o: {"audio": None})), "finished without any audio"),
    "removed": (lambda u: u.gateway.play(life.removed()), "already deleted the files"),
    "forgotten": (lambda u: u.gateway.on_get(answer(404, problem("Not found"))), "there is no such run"),
    "key revoked": (lambda u: u.gateway.on_get(answer(401, problem("No"))), "does not accept this studio's key"),
    "broken for good": (lambda u: u.gateway.on_get(answer(500, problem("Oops"))), "has a problem of its own"),
    "nonsense for good": (lambda u: u.gateway.on_get(behaviours.html()), "makes no sense"),
    "silent for good": (lambda u: u.gateway.on_get(behaviours.drop()), "did not answer"),
    "audio missing": (lambda u: u.files.on_audio(answer(404, problem("Gone"))), "deleted its files by now"),
    "audio cut": (lambda u: u.files.on_audio(behaviours.cut()), "could not be fetched"),
    "audio is HTML": (lambda u: u.files.on_audio(behaviours.html()), "cannot be played"),
    "audio is a lie": (lambda u: u.files.on_audio(behaviours.impostor(b"RIFF" + bytes(400))), "cannot be played"),
    "audio empty": (lambda u: u.files.on_audio(behaviours.empty()), "cannot be played"),
    "audio endless": (lambda u: u.files.on_audio(behaviours.endless()), "too large"),
}


def _sentence(clip: Clip) -> str:
    assert clip.state is State.FAILED
    assert clip.error is not None
    assert any(advice in clip.error for advice in ("Retry", "Edit the recipe")), clip.error
    assert "\n" not in clip.error
    return clip.error


@pytest.mark.parametrize("case", ON_CREATE)
def test_a_create_that_fails_says_so_and_is_not_paid_twice(bench: Bench, case: str) -> None:
    arrange, words, runs = ON_CREATE[case]
    arrange(bench.upstream)
    assert words in _sentence(bench.finish(bench.submit(), steps=1000))
    assert len(bench.upstream.gateway.creates) == runs
    assert bench.upstream.trap.untouched


@pytest.mark.parametrize("case", ON_RUN)
def test_a_run_that_fails_says_so(bench: Bench, case: str) -> None:
    arrange, words = ON_RUN[case]
    arrange(bench.upstream)
    assert words in _sentence(bench.finish(bench.submit(), steps=200))
    assert len(bench.upstream.gateway.creates) == 1
    assert bench.upstream.trap.untouched


HARMLESS: dict[str, Arrange] = {
    "throttled for a while": lambda u: u.gateway.on_create(behaviours.throttled(2), times=2),
    "unavailable for a while": lambda u: u.gateway.on_get(answer(503, problem("Down")), times=4),
    "looks that fail for a while": lambda u: u.gateway.on_get(answer(502, problem("Oops")), times=5),
    "an unknown status": lambda u: u.gateway.play(life.wandering("dreaming")),
    "finished in the create's answer": lambda u: u.gateway.play(life.INSTANT),
    "audio cut off once": lambda u: u.files.on_audio(behaviours.cut(), times=1),
    "a file host that stumbles": lambda u: u.files.on_audio(answer(503, problem("Down")), times=2),
    "audio with a wrong label": lambda u: u.files.on_audio(behaviours.mislabelled("text/plain")),
    "files moved to another address": lambda u: u.files.on_audio(behaviours.redirect("/elsewhere/audio.wav"), times=1),
    "picture missing": lambda u: u.files.on_spectrogram(answer(404, problem("Gone"))),
    "picture is HTML": lambda u: u.files.on_spectrogram(behaviours.html()),
    "picture not named": lambda u: u.gateway.play(life.succeeded(lambda o: {"audio": o["audio"]})),
}


@pytest.mark.parametrize("case", HARMLESS)
def test_what_can_be_mended_is_mended(bench: Bench, case: str) -> None:
    HARMLESS[case](bench.upstream)
    clip = bench.finish(bench.submit())
    assert clip.state is State.SUCCEEDED, clip.error
    assert len(bench.upstream.gateway.creates) == 1


ODD_LOOKS = {
    "nested without end": behaviours.answer(200, b"[" * 100_000),
    "a percentage of 5000 digits": behaviours.altered(lambda body: body | {"logs": "9" * 5000 + "%|#| 1/2"}),
    "a wait of 400 digits": behaviours.answer(429, {"detail": "later", "retry_after": 10**400}),
    "another prediction": behaviours.with_id("somebodyelses"),
}


@pytest.mark.parametrize("case", ODD_LOOKS)
def test_an_odd_answer_to_a_look_does_not_end_a_run(bench: Bench, case: str) -> None:
    bench.upstream.gateway.on_get(ODD_LOOKS[case], times=2)
    clip = bench.finish(bench.submit())
    assert clip.state is State.SUCCEEDED, clip.error


@pytest.mark.parametrize(
    "address", ["http://[bad", "http://a..b/x", f"http://{'a' * 70}.example/", "ftp://x/y", "nonsense"]
)
def test_an_odd_address_of_the_picture_does_not_cost_the_audio(bench: Bench, address: str) -> None:
    bench.upstream.gateway.play(life.succeeded(lambda output: output | {"spectrogram": address}))
    assert bench.finish(bench.submit()).state is State.SUCCEEDED


@pytest.mark.parametrize("location", ["http://[bad", "//", "http://\x7f/", "\\\\x"])
def test_an_odd_redirect_of_the_picture_does_not_cost_the_audio(bench: Bench, location: str) -> None:
    bench.upstream.files.on_spectrogram(behaviours.redirect(location))
    assert bench.finish(bench.submit()).state is State.SUCCEEDED


def test_a_key_that_is_quoted_back_is_shown_to_nobody(bench: Bench) -> None:
    key = bench.upstream.gateway.key
    bench.upstream.gateway.on_create(answer(403, problem(f"token {key} has no access")))
    assert "token [key] has no access" in _sentence(bench.finish(bench.submit()))


def test_a_picture_that_is_missing_is_drawn_from_the_audio(bench: Bench) -> None:
    bench.upstream.files.on_spectrogram(answer(404, problem("Gone")))
    clip = bench.finish(bench.submit())
    assert clip.spectrogram_type == "image/png"
    assert clip.spectrogram is not None
    assert content(bench.media, clip.spectrogram).startswith(b"\x89PNG")


def test_waiting_as_long_as_asked_when_throttled(bench: Bench) -> None:
    bench.upstream.gateway.on_create(behaviours.throttled(17), times=1)
    clip = bench.submit()
    bench.step()
    assert bench.clip(clip).next_look_at == bench.now + 17


@pytest.mark.parametrize(
    "behaviour",
    [
        answer(404, problem("Not yet")),
        behaviours.redirect("https://login.example.org/", 302),
        behaviours.redirect("https://login.example.org/", 307),
        answer(418),
    ],
    ids=["404", "302", "307", "418"],
)
def test_a_run_that_exists_is_not_given_up_for_an_odd_answer(bench: Bench, behaviour: behaviours.Behaviour) -> None:
    bench.upstream.gateway.on_get(behaviour, times=2)
    clip = bench.finish(bench.submit())
    assert clip.state is State.SUCCEEDED, clip.error
    assert len(bench.upstream.gateway.creates) == 1


def test_troubles_of_many_kinds_do_not_add_up_to_giving_up_a_finished_run(bench: Bench) -> None:
    for behaviour in (answer(503, problem("Down")), behaviours.drop(), behaviours.cut(), behaviours.html()) * 2:
        bench.upstream.files.on_audio(behaviour, times=1)
    clip = bench.finish(bench.submit())
    assert clip.state is State.SUCCEEDED, clip.error
