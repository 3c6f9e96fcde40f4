"""What has to hold afterwards, whatever happened. Each check tells what it found wrong, a line a clip."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator
from io import BytesIO

import soundfile
from PIL import Image

from tests.chaos.outcome import Outcome, Row, promising
from tests.chaos.world import KEYS
from tests.servers.host import Host

Check = Callable[[Outcome], Iterator[str]]

TWO_BARS = (5.0, 5.2)
"""Seconds that a clip may last: the model's are 10 ms short."""

STRAY = 2
"""Calls that may come while a house wants quiet: a worker that is killed takes the complaint it just heard with it."""


def troubles(outcome: Outcome) -> list[str]:
    """Everything that is not as promised."""
    return [f"{check.__name__}: {found}" for check in CHECKS for found in check(outcome)]


def no_clip_is_lost(outcome: Outcome) -> Iterator[str]:
    known = set()
    for ask in outcome.asks:
        known |= ask.places | set(ask.clips)
        if len(ask.places) != 1:
            yield f"“{ask.prompt}”: one form led to {ask.places or 'nothing'}"
        for clip in ask.clips:
            if clip not in outcome.rows or page(outcome, f"/clips/{clip}")[0] != 200:
                yield f"{clip} “{ask.prompt}” was promised and is not there"
    for stranger in outcome.rows.keys() - known:
        yield f"{outcome.rows[stranger]}: nobody was told of it"


def no_clip_is_stuck(outcome: Outcome) -> Iterator[str]:
    now = outcome.seen_at
    for row in outcome.rows.values():
        if not row.final and not row.searched(now):
            yield f"{row}: next look {row.next_look_at - now:+.0f} s from now, held {row.held_until - now:+.0f} s"


def no_run_is_doubled(outcome: Outcome) -> Iterator[str]:
    for name, house in outcome.world.houses.items():
        clips = Counter(row.prompt_a for row in outcome.rows.values() if row.provider == name)
        for prompt, runs in Counter(str(run.input["prompt_a"]) for run in list(house.creates)).items():
            if runs > clips[prompt]:
                yield f"“{prompt}”: {clips[prompt]} clips, {runs} runs at {name}"
    taken = Counter(row.prediction_id for row in outcome.rows.values() if row.prediction_id)
    yield from (f"run {run} belongs to {count} clips" for run, count in taken.items() if count > 1)


def every_clip_has_its_own_run(outcome: Outcome) -> Iterator[str]:
    for row in outcome.rows.values():
        if row.prediction_id and row.provider in KEYS:
            run = outcome.run(row)
            if run is None or run.input["prompt_a"] != row.prompt_a:
                yield f"{row}: its run {row.prediction_id} is of {run.input if run else 'nobody'}"


def nothing_that_ended_well_is_given_up(outcome: Outcome) -> Iterator[str]:
    for row in outcome.failed():
        run = outcome.run(row)
        if row.provider not in KEYS or (run and promising(run)):
            yield str(row)


def no_run_that_can_be_found_is_forgotten(outcome: Outcome) -> Iterator[str]:
    """Replicate keeps a list: a run there that no clip has is of one that was canceled meanwhile, or is looked for."""
    taken = {row.prediction_id for row in outcome.rows.values()}
    excused = {row.prompt_a for row in outcome.rows.values() if row.state == "canceled" or not row.final}
    for run in list(outcome.world.houses["replicate"].creates):
        if run.id not in taken and run.input["prompt_a"] not in excused:
            yield f"run {run.id} of “{run.input['prompt_a']}”"


def nothing_fails_without_a_cause(outcome: Outcome) -> Iterator[str]:
    """A create that nobody spoilt comes to nothing only where the studio was killed in the middle of it."""
    killed = sum(outcome.crew.kills.values())
    for row in outcome.failed():
        house = outcome.world.houses.get(row.provider)
        if house and row.prediction_id is None and not house.mischief.dealt_to["create", row.prompt_a]:
            interrupted = any(words in str(row.error) for words in ("Segue was interrupted", "has no such run"))
            if not (killed and interrupted):
                yield str(row)


def every_failure_says_what_to_do(outcome: Outcome) -> Iterator[str]:
    for row in outcome.failed():
        if not row.error or not row.error.endswith("."):
            yield f"{row}: no reason"
        if f'action="/clips/{row.id}/retry"' not in page(outcome, f"/clips/{row.id}")[1].decode():
            yield f"{row}: no Retry"


def only_who_was_asked_to_is_canceled(outcome: Outcome) -> Iterator[str]:
    asked = {clip for ask in outcome.asks for clip in ask.canceled}
    yield from (str(row) for row in outcome.rows.values() if row.state == "canceled" and row.id not in asked)


def every_file_is_whole_and_its_own(outcome: Outcome) -> Iterator[str]:
    for row in outcome.succeeded():
        audio, picture = (page(outcome, f"/clips/{row.id}/{file}")[1] for file in ("audio", "spectrogram"))
        try:
            _decode(audio, picture)
        except (soundfile.SoundFileError, OSError, ValueError) as error:
            yield f"{row}: {error}"
            continue
        if (house := outcome.world.houses.get(row.provider)) and row.prediction_id:
            honest = house.files.of(row.prediction_id)
            if audio != honest.audio:
                yield f"{row}: its sound is not the one that was made"
            if picture != honest.spectrogram and not _may_be_drawn(outcome, row):
                yield f"{row}: its picture is not the one that was made"


def no_key_leaves_home(outcome: Outcome) -> Iterator[str]:
    for name, host, keys in outcome.world.hosts:
        yield from (f"{key} came to {name}: {what}" for key in keys for what in _seen(host, key))
    for name, trap in outcome.world.traps.items():
        if not trap.untouched:
            yield f"{name} was visited {trap.connections} times: {[seen.path for seen in trap.requests][:5]}"


def no_key_is_shown(outcome: Outcome) -> Iterator[str]:
    for key in KEYS.values():
        if key in outcome.logs:
            yield f"{key} is in the log"
        shown = (row for row in outcome.failed() if key.encode() in page(outcome, f"/clips/{row.id}")[1])
        yield from (f"{row}: {key} is on its page" for row in shown)


def complaints_are_heeded(outcome: Outcome) -> Iterator[str]:
    for name, house in outcome.world.houses.items():
        for what, limit in (("runs", house.mischief.creates), ("news", house.mischief.looks)):
            if limit.unheeding > STRAY:
                yield f"{name} was asked {limit.unheeding} times for {what} while it had asked for quiet"


CHECKS: tuple[Check, ...] = (
    no_clip_is_lost,
    no_clip_is_stuck,
    no_run_is_doubled,
    every_clip_has_its_own_run,
    nothing_that_ended_well_is_given_up,
    no_run_that_can_be_found_is_forgotten,
    nothing_fails_without_a_cause,
    every_failure_says_what_to_do,
    only_who_was_asked_to_is_canceled,
    every_file_is_whole_and_its_own,
    no_key_leaves_home,
    no_key_is_shown,
    complaints_are_heeded,
)


def page(outcome: Outcome, path: str) -> tuple[int, bytes]:
    visitor = outcome.crowd.visitor
    answer = visitor.http.get(visitor.address + path, timeout=30)
    return answer.status_code, answer.content


def _decode(audio: bytes, picture: bytes) -> None:
    samples, rate = soundfile.read(BytesIO(audio))
    if not TWO_BARS[0] <= len(samples) / rate <= TWO_BARS[1]:
        raise ValueError(f"it lasts {len(samples) / rate:.2f} s")
    with Image.open(BytesIO(picture)) as image:
        image.load()


def _may_be_drawn(outcome: Outcome, row: Row) -> bool:
    """Whether the picture was missing, or spoilt at some time: it is drawn from the sound then."""
    run, house = outcome.run(row), outcome.world.houses[row.provider]
    told = run.life.looks[-1].output(house.files.output(run.id)) if run else None
    spoilt = any(house.mischief.dealt_to[what, row.prompt_a] for what in ("picture", "look"))
    return spoilt or not isinstance(told, dict) or "spectrogram" not in told


def _seen(host: Host, key: str) -> Iterator[str]:
    for request in host.requests:
        if key in f"{request.path} {dict(request.headers)}" or key.encode() in request.body:
            yield f"{request.method} {request.path}"
