"""Fair use: counted exactly, refused in plain words, and settled once."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime

import pytest
from sqlalchemy import func, select

from segue.clips import Clips
from segue.db import Database
from segue.errors import LimitReached
from segue.limits import DAY, HOUR, Limits
from segue.members import Members
from segue.models import Clip, Role, State, Tally
from segue.recipe import Recipe
from segue.shares import Share
from tests.bench import Bench

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NAMES = ("rain", "birds", "surf", "bells", "jazz", "dub", "polka", "waltz")


def _clips(bench: Bench, fair: Limits, database: Database | None = None) -> Clips:
    where = database or bench.database
    return Clips(where, bench.providers, bench.media, bench.queue, lambda: bench.now, fair)


def _recipe(bench: Bench, name: str) -> Recipe:
    return Recipe(name, provider=next(iter(bench.providers)))


def _tally(bench: Bench) -> tuple[int, float, float]:
    with bench.database.read() as session:
        row = session.scalars(select(Tally)).one()
        return row.runs, row.seconds, row.spent


def test_a_limit_is_exact_when_many_ask_at_once(bench: Bench) -> None:
    fair = Limits(studio=Share(hour=3))
    another = Database(bench.database.where)
    studios = [_clips(bench, fair), _clips(bench, fair, another)]

    def ask(number: int) -> bool:
        try:
            studios[number % 2].submit(_recipe(bench, NAMES[number]), f"token {number}")
        except LimitReached:
            return False
        return True

    with ThreadPoolExecutor(8) as pool:
        assert sum(pool.map(ask, range(8))) == 3
    another.close()
    with bench.database.read() as session:
        assert session.scalars(select(func.count()).select_from(Clip)).one() == 3


@pytest.mark.parametrize(
    ("share", "words", "seconds"),
    [
        (Share(running=1), "at work", 30),
        (Share(hour=1), "in the last hour", HOUR),
        (Share(day=1), "in the last 24 hours", DAY),
    ],
)
def test_a_refusal_says_which_limit_and_when_it_goes_on(bench: Bench, share: Share, words: str, seconds: int) -> None:
    clips = _clips(bench, Limits(studio=share))
    first = clips.submit(_recipe(bench, "rain"), "one")
    with pytest.raises(LimitReached, match=words) as refusal:
        clips.submit(_recipe(bench, "birds"), "two")
    assert refusal.value.seconds == seconds
    assert clips.submit(_recipe(bench, "rain"), "one").id == first.id, "the same click is no second clip"
    bench.now += seconds
    clips.cancel(first.id)
    clips.submit(_recipe(bench, "birds"), "two")


def test_money_is_counted_and_what_was_never_asked_for_is_given_back_once(bench: Bench) -> None:
    provider = next(iter(bench.providers))
    clips = _clips(bench, Limits(studio=Share(month=0.03), prices={provider: 0.02}))
    clip = clips.submit(_recipe(bench, "rain"), "one")
    assert (clip.price, _tally(bench)) == (0.02, (1, 0.0, 0.02))
    with pytest.raises(LimitReached, match=r"\$0\.03"):
        clips.submit(_recipe(bench, "birds"), "two")
    clips.change(clip.id, lambda it: it.bin(bench.now))
    clips.cancel(clip.id)
    clips.change(clip.id, lambda it: it.bin(bench.now))
    assert (bench.clip(clip).price, _tally(bench)) == (0.0, (0, 0.0, 0.0))
    assert clips.left() == ["Left for the studio: $0.03 this month."]


def test_a_run_that_was_asked_for_counts_with_its_seconds(bench: Bench) -> None:
    provider = next(iter(bench.providers))
    clips = _clips(bench, Limits(prices={provider: 0.02}))
    clip = clips.submit(_recipe(bench, "rain"), "one")
    clips.change(clip.id, lambda it: it.submit(playing=True, now=bench.now))
    bench.now += 7
    clips.cancel(clip.id)
    assert _tally(bench) == (1, 7.0, 0.02)


def test_what_was_called_off_before_anybody_was_asked_counts_for_nothing(bench: Bench) -> None:
    clips = _clips(bench, Limits(studio=Share(hour=1)))
    clips.cancel(clips.submit(_recipe(bench, "rain"), "one").id)
    assert clips.left() == ["Left for the studio: 1 clip within the hour."]
    second = clips.submit(_recipe(bench, "birds"), "two")
    clips.change(second.id, lambda it: it.submit(playing=True, now=bench.now))
    clips.cancel(second.id)
    with pytest.raises(LimitReached):
        clips.submit(_recipe(bench, "surf"), "three")


def test_a_member_has_their_own_share_and_everybody_the_studios(bench: Bench) -> None:
    members = Members(bench.database, lambda: bench.now)
    for name in ("Ada", "Ben", "Cleo"):
        members.invite(name, Role.OWNER)
    ada, ben, cleo = (member.id for member in members.everybody())
    clips = _clips(bench, Limits(member=Share(hour=1), studio=Share(hour=2)))

    def ask(member_id: str, name: str) -> None:
        clips.submit(_recipe(bench, name), name, member_id=member_id)

    ask(ada, "rain")
    with pytest.raises(LimitReached, match="You have had 1 clip"):
        ask(ada, "birds")
    ask(ben, "surf")
    with pytest.raises(LimitReached, match="The studio has had 2 clips"):
        ask(cleo, "bells")
    assert clips.left(cleo) == [
        "Left for you: 1 clip within the hour.",
        "Left for the studio: 0 clips within the hour.",
    ]


def test_money_that_is_spent_is_in_the_way_only_where_everybody_costs(bench: Bench) -> None:
    provider = next(iter(bench.providers))
    fair = Limits(studio=Share(month=0.02), prices={provider: 0.02})
    clips = _clips(bench, fair)
    everybody = dict.fromkeys(bench.providers, 0.02)
    costly = _clips(bench, Limits(studio=Share(month=0.02), prices=everybody))
    assert not clips.spent()
    assert not costly.spent()
    clips.submit(_recipe(bench, "rain"), "one")
    assert not clips.spent(), "the band is free"
    assert costly.spent()
    assert not _clips(bench, Limits()).spent()


def test_a_new_month_has_its_own_money(bench: Bench) -> None:
    provider = next(iter(bench.providers))
    clips = _clips(bench, Limits(studio=Share(month=0.02), prices={provider: 0.02}))
    bench.now = datetime(2026, 12, 31, 23, 59, 30, tzinfo=UTC).timestamp()
    clips.submit(_recipe(bench, "rain"), "one")
    with pytest.raises(LimitReached, match="It goes on in a minute") as refusal:
        clips.submit(_recipe(bench, "birds"), "two")
    assert refusal.value.seconds == 30
    bench.now += 30
    clips.submit(_recipe(bench, "birds"), "two")
    with bench.database.read() as session:
        months = session.execute(select(Tally.month, Tally.runs).order_by(Tally.month)).all()
    assert [tuple(month) for month in months] == [("2026-12", 1), ("2027-01", 1)]


def test_a_run_that_nobody_can_follow_any_more_is_settled_when_it_is_given_up(bench: Bench) -> None:
    provider = next(iter(bench.providers))
    clips = _clips(bench, Limits(prices={provider: 0.02}))
    clip = clips.submit(_recipe(bench, "rain"), "one")
    clips.change(clip.id, lambda it: it.submit(playing=True, now=bench.now))
    bench.now += 20
    clips.advance(clip.id)
    assert bench.clip(clip).state is State.FAILED
    assert _tally(bench) == (1, 20.0, 0.02)
