"""Never twice: a create whose answer is lost is looked for, where that is possible, and never repeated."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from segue.errors import LimitReached, MediaError
from segue.leases import LEASE_SECONDS
from segue.media import Folder
from segue.models import Clip, State
from segue.patience import DEADLINE_SECONDS, FILES_SECONDS
from tests.bench import Bench
from tests.servers import behaviours, life
from tests.servers.behaviours import Behaviour, answer
from tests.servers.prediction import Prediction
from tests.servers.shapes import problem
from tests.servers.upstream import Upstream
from tests.servers.wire import Exchange
from tests.serving import PATIENCE

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def bench(tmp_path: Path, replicate: Upstream, database_at: Path | str) -> Iterator[Bench]:
    """A workbench in front of Replicate, which keeps a list of runs."""
    with Bench(tmp_path / "bench", replicate, where=database_at) as running:
        yield running


LOST: dict[str, Behaviour] = {
    "answer lost": behaviours.drop_after_acting(),
    "reset": behaviours.drop_after_acting(reset=True),
    "timed out on the way": behaviours.after_acting(answer(504, problem("Timeout"))),
    "nonsense": behaviours.after_acting(behaviours.html()),
    "truncated": behaviours.truncated(),
}


@pytest.mark.parametrize("way", LOST)
def test_a_run_whose_answer_was_lost_is_found_and_adopted(bench: Bench, way: str) -> None:
    bench.upstream.gateway.on_create(LOST[way], times=1)
    clip = bench.submit()
    bench.step()
    assert "Looking whether the run has started" in (bench.clip(clip).note or "")
    done = bench.finish(clip)
    assert done.state is State.SUCCEEDED, done.error
    assert [run.id for run in bench.upstream.gateway.creates] == [done.prediction_id]


def test_a_run_that_never_began_is_not_begun_by_itself(bench: Bench) -> None:
    bench.upstream.gateway.on_create(behaviours.drop(), times=1)
    failed = bench.finish(bench.submit())
    assert failed.state is State.FAILED
    assert "has no such run" in (failed.error or "")
    assert "Retry" in (failed.error or "")
    assert bench.upstream.gateway.creates == []


def test_a_crash_between_create_and_commit_is_the_same_case(bench: Bench) -> None:
    clip = bench.submit()
    with bench.database.write() as session:
        half = session.get_one(Clip, clip.id)
        half.claim("a process that is no more", bench.now + LEASE_SECONDS, bench.now)
        half.submit(playing=False, now=bench.now)
    run = _ran(bench, clip)
    bench.now += LEASE_SECONDS + 30
    bench.clips.recover()
    done = bench.finish(clip)
    assert (done.state, done.prediction_id) == (State.SUCCEEDED, run.id)
    assert len(bench.upstream.gateway.creates) == 1


def _ran(bench: Bench, clip: Clip, **changes: object) -> Prediction:
    """A run at Replicate that no answer told of."""
    asked = {
        "prompt_a": clip.prompt_a,
        "prompt_b": clip.prompt_b,
        "alpha": clip.alpha,
        "denoising": clip.denoising,
        "num_inference_steps": clip.num_inference_steps,
        "seed_image_id": clip.seed_image_id,
    }
    run = Prediction(asked | changes, life.STEADY, created_at=_moment(bench.now))
    bench.upstream.gateway.creates.append(run)
    bench.upstream.gateway.predictions[run.id] = run
    return run


def _moment(seconds: float) -> str:
    return datetime.fromtimestamp(seconds, UTC).isoformat().replace("+00:00", "Z")


def _orphan(bench: Bench, prompt: str = "church bells") -> Clip:
    """A clip whose create was sent and not answered; nothing ran."""
    clip = bench.submit(prompt)
    bench.upstream.gateway.on_create(behaviours.drop(), times=1)
    bench.step()
    return bench.clip(clip)


@pytest.mark.parametrize(
    ("name", "value"), [("prompt_a", "bells"), ("alpha", 0.51), ("seed_image_id", "og_beat"), ("prompt_b", "")]
)
def test_somebody_elses_run_is_not_adopted(bench: Bench, name: str, value: object) -> None:
    clip = _orphan(bench)
    _ran(bench, clip, **{name: value})
    assert bench.finish(clip).state is State.FAILED


def test_a_run_from_long_before_is_not_adopted(bench: Bench) -> None:
    clip = _orphan(bench)
    _ran(bench, clip).created_at = _moment(bench.now - 3600)
    assert bench.finish(clip).state is State.FAILED


def test_a_run_that_another_clip_has_is_not_adopted(bench: Bench) -> None:
    first = bench.finish(bench.submit("church bells"))
    assert first.state is State.SUCCEEDED
    bench.upstream.gateway.creates[0].created_at = _moment(bench.now)
    second = bench.finish(_orphan(bench))
    assert second.state is State.FAILED
    assert second.prediction_id is None


def test_two_that_were_lost_with_the_same_recipe_each_find_one(bench: Bench) -> None:
    bench.upstream.gateway.on_create(behaviours.drop_after_acting(), times=2)
    clips = [bench.submit("church bells"), bench.submit("church bells")]
    for run in [bench.finish(clip) for clip in clips]:
        assert run.state is State.SUCCEEDED, run.error
    assert {bench.clip(clip).prediction_id for clip in clips} == {run.id for run in bench.upstream.gateway.creates}


def test_a_run_that_is_listed_late_is_still_found(bench: Bench) -> None:
    empty = answer(200, {"next": None, "previous": None, "results": []})
    bench.upstream.gateway.on_create(behaviours.drop_after_acting(), times=1)
    bench.upstream.gateway.on_list(empty, times=3)
    assert bench.finish(bench.submit()).state is State.SUCCEEDED


def test_a_run_on_a_later_page_is_found(bench: Bench) -> None:
    bench.upstream.gateway.on_create(behaviours.drop_after_acting(), times=1)
    clip = bench.submit()
    bench.step()
    ours = bench.upstream.gateway.creates[0]
    ours.created_at = _moment(bench.now)
    for _ in range(150):
        _ran(bench, clip, prompt_a="somebody else")
    assert bench.finish(clip).prediction_id == ours.id


ODD_LISTS: dict[str, Behaviour] = {
    "away": answer(503, problem("Down")),
    "nonsense": behaviours.html(),
    "not a list": answer(200, {"results": "none"}),
    "odd runs": answer(200, {"results": [1, None, {}, {"id": 5, "status": []}], "next": 7}),
    "throttled": behaviours.throttled(2),
}


@pytest.mark.parametrize("way", ODD_LISTS)
def test_a_list_that_cannot_be_had_is_asked_for_again_and_nothing_is_run_meanwhile(bench: Bench, way: str) -> None:
    bench.upstream.gateway.on_create(behaviours.drop_after_acting(), times=1)
    bench.upstream.gateway.on_list(ODD_LISTS[way], times=8)
    assert bench.finish(bench.submit()).state is State.SUCCEEDED
    assert len(bench.upstream.gateway.creates) == 1


@pytest.mark.databases("sqlite")
def test_a_list_that_never_comes_ends_in_words(bench: Bench) -> None:
    bench.upstream.gateway.on_create(behaviours.drop_after_acting(), times=1)
    bench.upstream.gateway.on_list(behaviours.html())
    began = bench.now
    failed = bench.finish(bench.submit(), steps=500)
    assert "may or may not have started" in (failed.error or "")
    assert bench.now > began + DEADLINE_SECONDS
    assert len(bench.upstream.gateway.creates) == 1


def test_following_the_list_never_leaves_the_house(bench: Bench) -> None:
    elsewhere = f"{bench.upstream.trap.address}/v1/predictions?cursor=abc"
    page = {"results": [], "next": elsewhere}
    bench.upstream.gateway.on_create(behaviours.drop(), times=1)
    bench.upstream.gateway.on_list(answer(200, page), times=2)
    bench.finish(bench.submit())
    assert bench.upstream.trap.untouched


def test_a_bug_in_the_middle_of_a_create_is_the_same_case(bench: Bench) -> None:
    provider = bench.providers["replicate"]
    create: Callable[..., object] = provider.create

    def clumsy(*given: object) -> None:
        create(*given)
        raise RuntimeError("a string broke")

    provider.create = clumsy  # type: ignore[method-assign, assignment]
    clip = bench.submit()
    assert bench.finish(clip).state is State.SUCCEEDED
    assert len(bench.upstream.gateway.creates) == 1


def test_a_search_that_breaks_each_time_comes_to_an_end(bench: Bench) -> None:
    clip = _orphan(bench)

    def clumsy(*given: object) -> list[str]:
        raise RuntimeError("a string broke")

    bench.providers["replicate"].find = clumsy  # type: ignore[method-assign, assignment]
    failed = bench.finish(clip, steps=500)
    assert failed.state is State.FAILED
    assert "The run may have started all the same" in (failed.error or "")


# Files


def test_files_are_asked_for_until_the_hour_is_nearly_over(bench: Bench) -> None:
    bench.upstream.files.on_audio(answer(503, problem("Down")))
    clip = bench.submit()
    began = bench.now
    while bench.now < began + FILES_SECONDS - 60:
        bench.step()
    assert bench.clip(clip).state is State.KEEPING
    bench.upstream.files.on_audio(behaviours.honest)
    assert bench.finish(clip).state is State.SUCCEEDED


def test_files_that_never_came_are_said_to_be_gone(bench: Bench) -> None:
    bench.upstream.files.on_audio(answer(503, problem("Down")))
    failed = bench.finish(bench.submit(), steps=500)
    assert "deleted its files by now" in (failed.error or "")
    assert "Press Retry to make a new one" in (failed.error or "")


def test_a_disk_without_room_costs_nothing_and_is_waited_for(bench: Bench, tmp_path: Path) -> None:
    roomless = Folder(tmp_path / "bench" / "media", room=2**60)
    with pytest.raises(MediaError, match="too little room"):
        roomless.check_room()
    clip = bench.submit()
    bench.media = roomless
    bench.clips = bench.another_process()
    with pytest.raises(LimitReached, match="no room for new clips"):
        bench.submit()
    for _ in range(20):
        bench.step()
    waiting = bench.clip(clip)
    assert waiting.state is State.QUEUED
    assert "too little room" in (waiting.note or "")
    assert bench.upstream.gateway.creates == []
    bench.media = Folder(tmp_path / "bench" / "media")
    bench.clips = bench.another_process()
    assert bench.finish(clip).state is State.SUCCEEDED


def test_a_disk_that_fills_up_while_keeping_leaves_the_clip_waiting(bench: Bench) -> None:
    clip = bench.submit()
    drafts = bench.folder / "media" / "drafts"
    drafts.rmdir()
    drafts.touch()
    for _ in range(20):
        bench.step()
    waiting = bench.clip(clip)
    assert waiting.state is State.KEEPING
    assert "Trying again" in (waiting.note or "")
    drafts.unlink()
    drafts.mkdir()
    assert bench.finish(clip).state is State.SUCCEEDED
    assert len(bench.upstream.gateway.creates) == 1


@pytest.mark.databases("sqlite")
def test_a_run_is_written_down_even_if_the_database_is_out_of_order_for_a_moment(bench: Bench) -> None:
    clip = bench.submit()

    away = threading.Event()

    def out_of_order(exchange: Exchange) -> None:
        _say(bench, "ALTER TABLE clip RENAME TO clip_away")
        away.set()
        behaviours.honest(exchange)

    bench.upstream.gateway.on_create(out_of_order, times=1)
    worker = threading.Thread(target=bench.step)
    worker.start()
    assert away.wait(PATIENCE)
    worker.join(0.4)
    _say(bench, "ALTER TABLE clip_away RENAME TO clip")
    worker.join()
    assert bench.finish(clip).state is State.SUCCEEDED
    assert len(bench.upstream.gateway.creates) == 1


def _say(bench: Bench, words: str) -> None:
    with bench.database.writer.begin() as connection:
        connection.execute(text(words))


def test_a_free_player_that_brings_segue_down_each_time_is_given_up(bench: Bench) -> None:
    clip = bench.submit(provider="sketch")
    for _ in range(6):
        with bench.database.write() as session:
            half = session.get_one(Clip, clip.id)
            half.claim("a process that is no more", 0.0, bench.now)
            half.submit(playing=True, now=bench.now)
    failed = bench.finish(clip)
    assert "interrupted" in (failed.error or "")


def test_capabilities_that_shrink_do_not_strand_a_clip(bench: Bench) -> None:
    clip = bench.submit()
    bench.step()
    provider = bench.providers["replicate"]
    provider.capabilities = replace(provider.capabilities, seeds=())  # type: ignore[misc]
    assert bench.finish(clip).state is State.SUCCEEDED


# Nothing that happens to us, or in between, ends a run that exists


@pytest.mark.parametrize("status", [401, 402, 403])
def test_a_refusal_of_a_look_does_not_end_a_run(bench: Bench, status: int) -> None:
    bench.upstream.gateway.on_get(answer(status, problem("No")), times=20)
    assert bench.finish(bench.submit(), steps=100).state is State.SUCCEEDED


def test_a_machine_that_wakes_up_without_a_network_still_finds_its_run(bench: Bench) -> None:
    clip = bench.submit()
    bench.step()
    bench.now += DEADLINE_SECONDS + 600
    bench.upstream.gateway.predictions[str(bench.clip(clip).prediction_id)].life = life.INSTANT
    bench.upstream.gateway.stop()
    for _ in range(3):
        bench.step()
    bench.upstream.gateway.start()
    assert bench.finish(clip).state is State.SUCCEEDED


def test_a_run_that_another_process_took_over_is_not_called_off(bench: Bench) -> None:
    """As when this process was asleep in the middle of a create, for longer than its lease."""
    clip = bench.submit()

    def slept(exchange: Exchange) -> None:
        truth = exchange.act()
        with bench.database.write() as session:
            mine = session.get_one(Clip, clip.id)
            mine.claim("another process", bench.now + LEASE_SECONDS, bench.now)
            mine.follow(bench.upstream.gateway.creates[0].id, playing=False, progress=None, next_look_at=bench.now)
        bench.queue.advance(clip.id)
        exchange.send(truth)

    bench.upstream.gateway.on_create(slept, times=1)
    assert bench.finish(clip).state is State.SUCCEEDED


def test_a_run_that_may_be_a_twins_is_not_adopted_meanwhile(bench: Bench) -> None:
    lost = _orphan(bench)
    twin = bench.submit("church bells")

    def search_meanwhile(exchange: Exchange) -> None:
        truth = exchange.act()
        bench.now += 5
        bench.clips.advance(lost.id)
        exchange.send(truth)

    bench.upstream.gateway.on_create(search_meanwhile, times=1)
    bench.clips.advance(twin.id)
    assert bench.clip(lost).prediction_id is None
    assert bench.clip(twin).prediction_id == bench.upstream.gateway.creates[0].id
    assert bench.finish(twin).state is State.SUCCEEDED
    assert bench.finish(lost).state is State.FAILED


def test_waiting_for_a_model_to_wake_does_not_use_up_the_tries(bench: Bench) -> None:
    bench.upstream.gateway.on_create(behaviours.throttled(1), times=8)
    clip = bench.submit()
    for _ in range(40):
        bench.step()
        if not bench.upstream.gateway.creates and len(bench.upstream.gateway.requests) == 8:
            break
    bench.upstream.gateway.stop()
    bench.step()
    assert bench.clip(clip).state is State.QUEUED
    bench.upstream.gateway.start()
    assert bench.finish(clip).state is State.SUCCEEDED


def test_a_clock_that_is_set_back_stops_nobody(bench: Bench) -> None:
    known = bench.submit()
    bench.step()
    bench.now -= 7200
    bench.queue.due.clear()
    fresh = bench.submit("a new one")
    bench.clips.resume()
    for clip in (fresh, known):
        assert bench.finish(clip).state is State.SUCCEEDED
    assert bench.now < known.created_at


def test_a_webhook_proves_that_there_is_a_run_however_late_it_is_listed(bench: Bench) -> None:
    bench.upstream.gateway.on_create(behaviours.drop_after_acting(), times=1)
    bench.upstream.gateway.on_list(answer(200, {"next": None, "results": []}), times=12)
    clip = bench.submit()
    bench.step()
    for _ in range(12):
        bench.now += 1
        bench.clips.knock(clip.id)
        bench.clips.advance(clip.id)
    assert bench.finish(clip).state is State.SUCCEEDED


def test_a_search_that_is_throttled_waits_as_long_as_it_was_asked_to(bench: Bench) -> None:
    bench.upstream.gateway.on_create(behaviours.drop_after_acting(), times=1)
    bench.upstream.gateway.on_list(behaviours.throttled(120), times=1)
    clip = bench.submit()
    bench.step()
    bench.step()
    assert bench.clip(clip).next_look_at == bench.now + 120


def test_a_run_of_another_version_is_not_adopted(bench: Bench) -> None:
    bench.upstream.gateway.script = life.Life((replace(life.STARTING, changes={"version": "0" * 64}),))
    bench.upstream.gateway.on_create(behaviours.drop_after_acting(), times=1)
    assert bench.finish(bench.submit()).state is State.FAILED


# Calling off


def test_a_lost_run_of_a_canceled_clip_is_looked_for_and_called_off(bench: Bench) -> None:
    bench.upstream.gateway.on_create(behaviours.drop_after_acting(), times=1)
    clip = bench.submit()
    bench.step()
    bench.clips.cancel(clip.id)
    bench.clips.call_off(clip.id)
    assert bench.upstream.gateway.creates[0].canceled


def test_calling_off_is_tried_again_for_a_while(bench: Bench) -> None:
    clip = bench.submit()
    bench.step()
    bench.upstream.gateway.on_cancel(answer(503, problem("Down")), times=1)
    bench.clips.cancel(clip.id)
    bench.clips.call_off(clip.id)
    assert bench.queue.called_off == [clip.id] * 2, "once for the cancel, once more since it failed"
    bench.clips.call_off(clip.id)
    assert bench.upstream.gateway.creates[0].canceled
    bench.now += 3600
    bench.upstream.gateway.on_cancel(answer(503, problem("Down")))
    bench.clips.call_off(clip.id)
    assert len(bench.queue.called_off) == 2
