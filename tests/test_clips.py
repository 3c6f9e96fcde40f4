"""The life of a clip, against a real gateway, with time turned by hand."""

from __future__ import annotations

import threading
import time

import pytest

from segue.errors import InvalidRecipe
from segue.leases import LEASE_SECONDS
from segue.models import State
from segue.patience import CREATE_TRIES, DEADLINE_SECONDS
from segue.providers.base import Prediction
from segue.providers.sketch import Sketch
from segue.recipe import Recipe
from segue.sketch import hear
from tests.bench import Bench
from tests.places import content
from tests.servers import behaviours, life
from tests.servers.wire import Exchange
from tests.serving import PATIENCE

pytestmark = pytest.mark.databases("sqlite", "postgresql")


def test_a_clip_goes_from_queued_to_kept(bench: Bench) -> None:
    clip = bench.submit()
    assert clip.state is State.QUEUED
    seen: list[State] = [clip.state]
    while not (now := bench.clip(clip)).state.final:
        bench.step()
        if bench.clip(clip).state != seen[-1]:
            seen.append(bench.clip(clip).state)
    assert seen == [State.QUEUED, State.STARTING, State.PROCESSING, State.SUCCEEDED]
    assert now.audio is not None
    assert now.spectrogram is not None
    assert now.duration == pytest.approx(5.11, abs=0.001)
    assert content(bench.media, now.audio) == bench.upstream.files.media.audio


def test_a_clip_keeps_what_its_player_heard_where_that_is_said(bench: Bench) -> None:
    assert bench.finish(bench.submit()).heard is None
    by_the_band = bench.finish(bench.submit(provider="sketch"))
    assert by_the_band.heard == hear("funky synth solo", "90's rap", 0.5, "vibes", 0.75)


def test_progress_is_the_percentage_in_the_logs_and_never_falls(bench: Bench) -> None:
    bench.upstream.gateway.script = life.Life(
        (
            life.Look("starting"),
            life.Look("processing", life.progress(0, 19)),
            life.Look("processing", life.progress(0, 3)),
            life.DONE,
        )
    )
    clip = bench.submit()
    shown = []
    while not bench.clip(clip).state.final:
        bench.step()
        shown.append(bench.clip(clip).progress)
    assert shown == [None, 50, 50, None]


def test_the_same_token_and_recipe_find_the_same_clip(bench: Bench) -> None:
    recipe = Recipe("bells", provider=bench.name)
    first = bench.clips.submit(recipe, "token")
    assert bench.clips.submit(recipe, "token").id == first.id
    assert bench.clips.submit(Recipe("horns", provider=bench.name), "token").id != first.id
    assert bench.clips.submit(recipe, "other").id != first.id


def test_twenty_clicks_at_once_are_one_clip_and_one_run(bench: Bench) -> None:
    recipe = Recipe("bells", provider=bench.name)
    found: set[str] = set()
    clicks = [
        threading.Thread(target=lambda: found.add(bench.clips.submit(recipe, "token").id), name=str(n))
        for n in range(20)
    ]
    for click in clicks:
        click.start()
    for click in clicks:
        click.join()
    assert len(found) == 1
    while bench.queue.due:
        bench.step()
    assert len(bench.upstream.gateway.creates) == 1


def test_a_claimed_clip_is_left_alone_by_everybody_else(bench: Bench) -> None:
    clip = bench.submit()
    bench.upstream.gateway.on_create(behaviours.late(0.5), times=1)
    workers = [threading.Thread(target=bench.another_process().advance, args=(clip.id,)) for _ in range(6)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    assert len(bench.upstream.gateway.creates) == 1
    assert bench.finish(clip).state is State.SUCCEEDED


def test_a_take_is_drawn_where_it_counts_and_dropped_where_it_does_not(bench: Bench) -> None:
    drawn = bench.submit(provider="sketch")
    assert drawn.take is not None
    assert bench.submit(provider="sketch", take=7).take == 7
    assert bench.submit(take=7).take is None


def test_a_process_that_dies_while_creating_never_leads_to_a_second_run(bench: Bench) -> None:
    clip = bench.submit()
    with bench.database.write() as session:
        half = session.get(type(clip), clip.id)
        assert half is not None
        half.claim("a process that is no more", bench.now + LEASE_SECONDS, bench.now)
        half.submit(playing=False, now=bench.now)
    bench.step()
    assert bench.clip(clip).state is State.STARTING, "its lease still stands"
    bench.queue.due.clear()
    bench.now += LEASE_SECONDS + 30
    bench.clips.recover()
    assert len(bench.queue.due) == 1
    failed = bench.finish(clip)
    assert failed.state is State.FAILED
    assert "Retry" in (failed.error or "")
    assert bench.upstream.gateway.creates == []


def test_the_built_in_band_simply_plays_again_after_a_crash(bench: Bench) -> None:
    clip = bench.submit(provider="sketch")
    with bench.database.write() as session:
        half = session.get(type(clip), clip.id)
        assert half is not None
        half.claim("a process that is no more", bench.now + LEASE_SECONDS, bench.now)
        half.submit(playing=True, now=bench.now)
    bench.now += LEASE_SECONDS
    assert bench.finish(clip).state is State.SUCCEEDED


def test_a_process_that_dies_while_waiting_is_relieved_by_another(bench: Bench) -> None:
    clip = bench.submit()
    bench.step()
    bench.queue.due.clear()
    bench.now += 60
    bench.clips.recover()
    assert len(bench.queue.due) == 1
    assert bench.finish(clip).state is State.SUCCEEDED
    assert len(bench.upstream.gateway.creates) == 1


def test_recovery_leaves_alone_what_is_not_due(bench: Bench) -> None:
    clip = bench.submit()
    bench.finish(clip)
    bench.submit()
    bench.queue.due.clear()
    bench.clips.recover()
    assert bench.queue.due == []


def test_a_start_queues_everything_unfinished_for_when_it_is_due(bench: Bench) -> None:
    clip = bench.submit()
    for _ in range(3):
        bench.step()
    later = bench.clip(clip).next_look_at
    bench.queue.due.clear()
    bench.clips.resume()
    assert [(due, clip_id) for due, _, clip_id in bench.queue.due] == [(later, clip.id)]


def test_a_clip_past_its_deadline_fails_with_a_reason_and_is_called_off(bench: Bench) -> None:
    bench.upstream.gateway.script = life.STUCK
    clip = bench.submit()
    failed = bench.finish(clip, steps=int(DEADLINE_SECONDS))
    assert failed.state is State.FAILED
    assert "35 minutes" in (failed.error or "")
    assert bench.queue.called_off == [clip.id]


def test_a_queued_clip_is_canceled_before_it_costs_anything(bench: Bench) -> None:
    clip = bench.submit()
    bench.clips.cancel(clip.id)
    bench.step()
    assert bench.clip(clip).state is State.CANCELED
    assert bench.upstream.gateway.creates == []


def test_a_running_clip_is_canceled_at_once_and_called_off(bench: Bench) -> None:
    clip = bench.submit()
    bench.step()
    bench.clips.cancel(clip.id)
    assert bench.clip(clip).state is State.CANCELED
    assert bench.queue.called_off == [clip.id]
    bench.clips.call_off(clip.id)
    while bench.queue.due:
        bench.step()
    assert bench.clip(clip).state is State.CANCELED


def test_a_clip_canceled_while_it_is_being_created_stays_canceled(bench: Bench) -> None:
    clip = bench.submit()
    canceled = threading.Event()

    def answer_late(exchange: Exchange) -> None:
        exchange.act()
        assert canceled.wait(PATIENCE)
        behaviours.honest(exchange)

    bench.upstream.gateway.on_create(answer_late, times=1)
    worker = threading.Thread(target=bench.step)
    worker.start()
    while bench.clip(clip).state is State.QUEUED:
        time.sleep(0.005)
    bench.clips.cancel(clip.id)
    canceled.set()
    worker.join()
    assert bench.clip(clip).state is State.CANCELED
    assert any(request.path.endswith("/cancel") for request in bench.upstream.gateway.requests)


def test_a_finished_clip_cannot_be_canceled(bench: Bench) -> None:
    clip = bench.submit()
    bench.finish(clip)
    bench.clips.cancel(clip.id)
    assert bench.clip(clip).state is State.SUCCEEDED


def test_retry_makes_one_new_clip_of_the_same_recipe(bench: Bench) -> None:
    bench.upstream.gateway.play(life.failed())
    clip = bench.finish(bench.submit())
    again = bench.clips.retry(clip.id)
    assert bench.clips.retry(clip.id).id == again.id != clip.id
    assert again.parent_id == clip.id
    assert again.recipe == clip.recipe
    assert bench.finish(again).state is State.SUCCEEDED
    assert bench.clip(clip).state is State.FAILED


def test_retrying_what_is_well_or_under_way_changes_nothing(bench: Bench) -> None:
    clip = bench.submit()
    assert bench.clips.retry(clip.id).id == clip.id
    bench.finish(clip)
    assert bench.clips.retry(clip.id).id == clip.id


def test_a_provider_that_is_away_is_tried_again_and_then_given_up(bench: Bench) -> None:
    bench.upstream.gateway.stop()
    clip = bench.submit()
    bench.step()
    waiting = bench.clip(clip)
    assert waiting.state is State.QUEUED
    assert waiting.note == "ChainHub cannot be reached. Trying again by itself."
    failed = bench.finish(clip)
    assert failed.error == "ChainHub cannot be reached. Press Retry to try again."
    assert failed.stumbles == CREATE_TRIES - 1


def test_a_provider_that_comes_back_is_asked_again(bench: Bench) -> None:
    bench.upstream.gateway.stop()
    clip = bench.submit()
    bench.step()
    bench.upstream.gateway.start()
    assert bench.finish(clip).state is State.SUCCEEDED
    assert len(bench.upstream.gateway.creates) == 1


def test_a_provider_that_goes_away_during_a_run_does_not_lose_it(bench: Bench) -> None:
    clip = bench.submit()
    bench.step()
    bench.upstream.gateway.stop()
    bench.step()
    bench.step()
    assert "Trying again" in (bench.clip(clip).note or "")
    bench.upstream.gateway.start()
    done = bench.finish(clip)
    assert (done.state, done.note) == (State.SUCCEEDED, None)


def test_a_clip_of_a_provider_that_is_not_set_up_waits_for_it_and_says_so(bench: Bench) -> None:
    clip = bench.submit()
    del bench.providers[bench.name]
    bench.step()
    assert "is not set up in this studio at the moment" in (bench.clip(clip).note or "")
    failed = bench.finish(clip, steps=100)
    assert "was not set up in this studio for too long" in (failed.error or "")


def test_a_run_survives_a_start_without_its_key(bench: Bench) -> None:
    clip = bench.submit()
    bench.step()
    key = bench.providers.pop(bench.name)
    bench.step()
    bench.step()
    bench.providers[bench.name] = key
    assert bench.finish(clip).state is State.SUCCEEDED
    assert len(bench.upstream.gateway.creates) == 1


def test_media_that_cannot_be_written_is_told_to_whoever_runs_the_studio(bench: Bench) -> None:
    clip = bench.submit()
    (bench.folder / "media" / "drafts").rmdir()
    failed = bench.finish(clip, steps=200)
    assert failed.state is State.FAILED
    assert "Tell whoever runs this studio" in (failed.error or "")


def test_a_run_that_finished_while_segue_slept_is_still_kept(bench: Bench) -> None:
    clip = bench.submit()
    bench.step()
    bench.now += DEADLINE_SECONDS + 60
    bench.upstream.gateway.predictions[str(bench.clip(clip).prediction_id)].life = life.INSTANT
    assert bench.finish(clip).state is State.SUCCEEDED


@pytest.mark.databases("sqlite")
def test_a_run_is_not_let_go_while_its_provider_is_away_for_half_an_hour(bench: Bench) -> None:
    clip = bench.submit()
    bench.step()
    bench.upstream.gateway.stop()
    begun = bench.now
    while bench.now < begun + 1800:
        bench.step()
    bench.upstream.gateway.start()
    assert bench.finish(clip).state is State.SUCCEEDED
    assert len(bench.upstream.gateway.creates) == 1


def test_a_clip_whose_seed_is_no_longer_offered_keeps_its_page_and_fails_in_words(bench: Bench) -> None:
    clip = bench.submit()
    with bench.database.write() as session:
        session.get_one(type(clip), clip.id).seed_image_id = "a seed of old"
    bench.clips.resume()
    failed = bench.finish(clip)
    assert failed.state is State.FAILED
    assert failed.title == "funky synth solo → 90's rap"
    with pytest.raises(InvalidRecipe, match="seed"):
        bench.clips.retry(clip.id)


class Clumsy(Sketch):
    """A band with a bug."""

    def create(self, recipe: Recipe, name: str) -> Prediction:
        raise RuntimeError("a string broke")


def test_an_unforeseen_error_is_logged_and_told_as_ours(bench: Bench, caplog: pytest.LogCaptureFixture) -> None:
    bench.providers["sketch"] = Clumsy()
    failed = bench.finish(bench.submit(provider="sketch"))
    assert "inside Segue" in (failed.error or "")
    assert "a string broke" in caplog.text
