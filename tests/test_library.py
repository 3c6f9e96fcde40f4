"""Finding and arranging clips, in a real database."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest

from segue import keeping, library, shelf
from segue.clips import Clips
from segue.db import Database
from segue.library import KEPT_IN_BIN, PAGE
from segue.media import File, Folder
from segue.members import Members
from segue.models import Clip
from segue.providers.sketch import Sketch
from segue.recipe import Recipe
from segue.shelf import Wish

pytestmark = pytest.mark.databases("sqlite", "postgresql")

NOW = 1_800_000_000.0


class Quiet:
    """A queue nobody works off."""

    def __init__(self) -> None:
        self.called_off: list[str] = []

    def advance(self, clip_id: str, delay: float = 0.0) -> None:
        pass

    def call_off(self, clip_id: str, delay: float = 0.0) -> None:
        self.called_off.append(clip_id)


@pytest.fixture
def database(database_at: Path | str) -> Iterator[Database]:
    database = Database(database_at)
    database.migrate()
    yield database
    database.close()


@pytest.fixture
def media(tmp_path: Path) -> Folder:
    media = Folder(tmp_path / "media")
    media.prepare()
    return media


@pytest.fixture
def queue() -> Quiet:
    return Quiet()


@pytest.fixture
def clips(database: Database, media: Folder, queue: Quiet) -> Clips:
    return Clips(database, {"sketch": Sketch()}, media, queue, clock=lambda: NOW)


def _member(database: Database, name: str) -> str:
    members = Members(database)
    members.invite(name)
    found = members.named(name)
    assert found is not None
    return found.id


def _made(
    clips: Clips, prompt_a: str, prompt_b: str = "", *, member_id: str | None = None, seed: str = "vibes"
) -> Clip:
    recipe = Recipe(prompt_a, prompt_b, seed_image_id=seed)
    return clips.submit(recipe, f"{prompt_a} {prompt_b} {member_id} {seed}", member_id=member_id)


def _found(database: Database, wish: Wish) -> list[str]:
    return [card.prompt_a for card in library.find(database, wish).cards]


def test_words_are_found_wherever_they_were_said(database: Database, clips: Clips) -> None:
    described = _made(clips, "church bells", "jazz")
    _made(clips, "rain")
    clips.change(described.id, lambda clip: clip.describe("Sunday", "for the café", "slow, wet"))
    for words in ("bells", "JAZZ church", "sunday", "cafe", "wet", "bell"):
        assert _found(database, Wish(words)) == ["church bells"], words
    assert _found(database, Wish("church rain")) == []
    assert _found(database, Wish("")) == ["rain", "church bells"]


@pytest.mark.parametrize(
    "words",
    [
        '"',
        "bells OR rain",
        "NOT bells",
        "bells*",
        "facets : statemaking",
        "tags:x",
        "(bells",
        "^bells",
        '" OR "rain',
        "a-b",
    ],
)
def test_what_is_typed_is_looked_for_and_never_obeyed(database: Database, clips: Clips, words: str) -> None:
    _made(clips, "bells")
    _made(clips, "rain")
    assert _found(database, Wish(words)) in ([], ["bells"], ["rain", "bells"])
    assert _found(database, Wish("bells OR rain")) == []
    assert _found(database, Wish("statemaking")) == []


@pytest.mark.parametrize("words", ["!!!", "🎷", "→ & ,"])
def test_words_with_nothing_to_look_for_are_passed_over(database: Database, clips: Clips, words: str) -> None:
    _made(clips, "bells")
    _made(clips, "rain")
    assert _found(database, Wish(words)) == ["rain", "bells"]
    assert _found(database, Wish(f"{words} bells")) == ["bells"]


def test_filters_narrow_each_other(database: Database, clips: Clips) -> None:
    ann, bob = _member(database, "ann"), _member(database, "bob")
    hers = _made(clips, "hers", member_id=ann)
    _made(clips, "his", member_id=bob)
    also_hers = _made(clips, "also hers", member_id=ann, seed="agile")
    clips.cancel(also_hers.id)
    clips.change(hers.id, lambda clip: clip.describe("", "", "deep house, slow"))
    library.heart(database, also_hers.id, bob, on=True)
    assert _found(database, Wish(mine=True, who=ann)) == ["also hers", "hers"]
    assert _found(database, Wish(mine=True, who=ann, seed="vibes")) == ["hers"]
    assert _found(database, Wish(seed="agile")) == ["also hers"]
    assert _found(database, Wish(hearts=True, who=bob)) == ["also hers"]
    assert _found(database, Wish(hearts=True, who=ann)) == []
    assert _found(database, Wish(state="making")) == ["his", "hers"]
    assert _found(database, Wish(state="canceled", words="hers")) == ["also hers"]
    assert _found(database, Wish(tag="deep house")) == ["hers"]
    assert _found(database, Wish(tag="house deep")) == []
    assert _found(database, Wish(provider="sketch", mine=True, who=bob)) == ["his"]
    assert _found(database, Wish(provider="chainhub")) == []
    assert _found(database, Wish(oldest=True)) == ["hers", "his", "also hers"]


def test_alone_a_heart_is_nobodys(database: Database, clips: Clips) -> None:
    clip = _made(clips, "bells")
    for _ in range(2):
        library.heart(database, clip.id, "", on=True)
    assert library.hearted(database, clip.id, "")
    assert library.find(database, Wish(hearts=True)).cards[0].hearted
    library.heart(database, clip.id, "", on=False)
    assert _found(database, Wish(hearts=True)) == []


def test_a_tag_is_what_was_put_on_it_and_not_what_was_said(database: Database, clips: Clips) -> None:
    tagged = _made(clips, "rain")
    clips.change(tagged.id, lambda clip: clip.describe("", "", "church bells, slow"))
    _made(clips, "slow church bells")
    for tag in ("slow", "church bells", "Bells", "SLOW"):
        assert _found(database, Wish(tag=tag)) == ["rain"], tag
    assert _found(database, Wish("slow bells")) == ["slow church bells", "rain"]
    assert _found(database, Wish(tag="bells church")) == []


@pytest.mark.parametrize("wish", [Wish(), Wish(oldest=True), Wish("loop"), Wish("loop", oldest=True)])
def test_pages_go_on_where_the_last_one_ended_both_ways(database: Database, clips: Clips, wish: Wish) -> None:
    for number in range(2 * PAGE + 3):
        _made(clips, f"loop {number}")
    pages, after = [], None
    while True:
        page = library.find(database, wish, after=after)
        pages.append([card.number for card in page.cards])
        if page.next is None:
            break
        _made(clips, f"loop while {after}")
        after = page.next
    seen = [number for numbers in pages for number in numbers]
    count = 2 * PAGE + 3 + (2 if wish.oldest else 0)
    assert seen == sorted(range(1, count + 1), reverse=not wish.oldest)
    assert page.previous is not None
    back = library.find(database, wish, before=page.previous)
    assert [card.number for card in back.cards] == pages[1]
    assert back.next == pages[1][-1]
    assert library.find(database, wish).previous is None


def test_a_page_before_which_there_is_less_is_the_first_one(database: Database, clips: Clips) -> None:
    for number in range(PAGE + 5):
        _made(clips, f"loop {number}")
    page = library.find(database, Wish(), before=PAGE)
    assert [card.number for card in page.cards] == list(range(PAGE + 5, 5, -1))
    assert page.previous is None


@pytest.mark.databases("sqlite")
def test_the_shelf_is_asked_first_and_in_its_own_order(database: Database, clips: Clips) -> None:
    asked: list[str] = []
    with database.reader.connect() as connection:
        driver = connection.connection.driver_connection
        assert driver is not None
        driver.set_trace_callback(asked.append)
        library._cards(connection, Wish("bells", mine=True, who="ann"), 7)
        driver.set_trace_callback(None)
        [statement] = [one for one in asked if one.startswith("SELECT clip")]
        told = [row[3] for row in driver.execute("EXPLAIN QUERY PLAN " + statement)]
    assert statement.count("MATCH") == 1
    assert any("VIRTUAL TABLE INDEX" in step for step in told)
    assert not any(step.startswith("SCAN clip") for step in told), told
    assert "OFFSET" not in statement or "OFFSET 0" in statement, statement


INDEXES = {
    "shelf_words": (Wish("bells"), Wish("bells", mine=True), Wish(tag="slow")),
    "shelf_of": (Wish(mine=True, who="ann"),),
    "shelf_seed": (Wish(seed="agile"),),
    "shelf_by": (Wish(provider="cog"),),
    "shelf_state": (Wish(state="failed"),),
    "clip_number": (Wish(), Wish(oldest=True), Wish(provider="sketch"), Wish("loop", state="succeeded")),
}
"""Which index finds what, in a library where what is rare is one clip in a thousand."""


@pytest.mark.databases("postgresql")
def test_every_wish_has_an_index_that_finds_it(database: Database, clips: Clips) -> None:
    one = _made(clips, "loop")
    with database.writer.begin() as connection:
        connection.exec_driver_sql(
            "INSERT INTO member (id, name, key, role, created_at) VALUES ('ann', 'a', 'a', '', 0)"
        )
        # The same clip ten thousand times, but for what tells them apart; and every thousandth is another.
        columns = ", ".join(column.key for column in Clip.__table__.columns)
        changed = {
            "id": "n::text",
            "token": "n::text",
            "number": "n",
            "state": "CASE mod(n, 1000) WHEN 1 THEN 'failed' ELSE 'succeeded' END",
            "provider": "CASE mod(n, 1000) WHEN 2 THEN 'cog' ELSE provider END",
            "seed_image_id": "CASE mod(n, 1000) WHEN 3 THEN 'agile' ELSE seed_image_id END",
            "member_id": "CASE mod(n, 1000) WHEN 4 THEN 'ann' END",
            "prompt_a": "CASE mod(n, 1000) WHEN 5 THEN 'bells' ELSE prompt_a END",
            "tags": "CASE mod(n, 1000) WHEN 6 THEN 'slow' ELSE '' END",
        }
        values = ", ".join(changed.get(column.key, column.key) for column in Clip.__table__.columns)
        connection.exec_driver_sql(
            f"INSERT INTO clip ({columns}) SELECT {values} FROM clip, generate_series(2, 10000) n WHERE id = '{one.id}'"  # noqa: S608
        )
    with database.reader.connect() as connection:
        connection.exec_driver_sql("ANALYZE clip")
        for index, wishes in INDEXES.items():
            for wish in wishes:
                number, found = shelf.numbers(wish, "postgresql")
                page = found.order_by(number if wish.oldest else number.desc()).limit(PAGE)
                asked = page.compile(database.reader, compile_kwargs={"literal_binds": True})
                told = "\n".join(connection.exec_driver_sql(f"EXPLAIN {asked}").scalars())
                assert index in told, f"{wish}\n{told}"


def test_what_is_in_the_bin_is_found_there_only(database: Database, clips: Clips, queue: Quiet) -> None:
    clip = _made(clips, "bells")
    clips.change(clip.id, lambda clip: clip.submit(playing=True, now=NOW))
    clips.bin(clip.id)
    assert queue.called_off == [clip.id]
    assert _found(database, Wish()) == _found(database, Wish("bells")) == []
    assert [card.prompt_a for card in library.binned(database)] == ["bells"]
    clips.change(clip.id, Clip.restore)
    assert _found(database, Wish("bells")) == ["bells"]
    assert list(library.binned(database)) == []


def test_the_bin_is_emptied_of_what_was_there_long_enough(database: Database, clips: Clips, media: Folder) -> None:
    old = _made(clips, "old")
    child = clips.submit(Recipe("child"), "child", parent_id=old.id)
    library.heart(database, old.id, "", on=True)
    for clip in (old, child):
        with media.draft() as draft:
            draft.write(b"sound")
            media.put(f"{keeping.folder(clip.id)}/audio.wav", draft)
    clips.bin(old.id)
    library.empty_bin(database, media, NOW + KEPT_IN_BIN)
    assert clips.find(old.id) is not None
    library.empty_bin(database, media, NOW + KEPT_IN_BIN + 1)
    assert clips.find(old.id) is None
    assert list(media.files(keeping.folder(old.id))) == []
    left = clips.find(child.id)
    assert left is not None
    assert left.parent_id is None
    assert media.find(f"{keeping.folder(child.id)}/audio.wav")


def test_what_is_being_thrown_away_cannot_be_put_back_and_holds_nobody_up(
    database: Database, clips: Clips, media: Folder
) -> None:
    clip = _made(clips, "old")
    clips.bin(clip.id)

    class Slow(Folder):
        def files(self, folder: str = "") -> Iterator[File]:
            if folder == keeping.folder(clip.id):
                clips.change(clip.id, Clip.restore)
                assert list(library.binned(database)) == []
            return super().files(folder)

    library.empty_bin(database, Slow(media.root), NOW + KEPT_IN_BIN + 1)
    assert clips.find(clip.id) is None
