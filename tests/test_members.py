"""Members: links work once, passwords fit or do not, and whoever is shown out is out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import select, text

from segue import library, limits, passwords
from segue.db import Database
from segue.errors import InvalidMember
from segue.members import INVITATION_SECONDS, VISIT_SECONDS, Members, Person
from segue.models import Clip, Role, Tally
from segue.recipe import Recipe
from segue.shelf import Wish

pytestmark = pytest.mark.databases("sqlite", "postgresql")

PASSWORD = "four words of mine"


class House:
    """Members over a real database, with a clock we turn by hand."""

    def __init__(self, where: Path | str) -> None:
        self.now = 1_000_000.0
        self.database = Database(where)
        self.database.migrate()
        self.members = Members(self.database, clock=lambda: self.now)

    def come(self, name: str, role: Role = Role.MEMBER) -> str:
        """Somebody who was invited and came; their id."""
        assert self.members.accept(self.members.invite(name, role), PASSWORD)
        member = self.members.named(name)
        assert member is not None
        return member.id

    def visit(self, name: str) -> str:
        """A browser they sign in with."""
        visit = self.members.sign_in(name, PASSWORD)
        assert visit is not None
        return visit

    def who(self, visit: str | None) -> str | None:
        """The id of whose visit it is."""
        found = self.members.visiting(visit or "")
        return None if found is None else found.id


@pytest.fixture
def house(database_at: Path | str) -> Iterator[House]:
    house = House(database_at)
    yield house
    house.database.close()


def test_the_first_one_owns_the_studio_and_what_was_made_in_it(house: House) -> None:
    assert not house.members.exist()
    with house.database.write() as session:
        session.add(clip := Clip.of(Recipe("bells"), "token", 1.0))
    nora = house.come("Nora")
    house.come("Ben")
    assert house.members.exist()
    assert [(one.name, one.role) for one in house.members.everybody()] == [("Ben", Role.MEMBER), ("Nora", Role.OWNER)]
    with house.database.read() as session:
        assert session.get_one(Clip, clip.id).member_id == nora


def test_what_was_run_and_liked_alone_becomes_the_first_owners(house: House) -> None:
    with house.database.write() as session:
        session.add(clip := Clip.of(Recipe("bells"), "token", house.now))
        limits.book(session, clip)
    library.heart(house.database, clip.id, "", True)
    nora = house.come("Nora")
    assert [card.id for card in library.find(house.database, Wish(hearts=True, who=nora)).cards] == [clip.id]
    with house.database.read() as session:
        assert [(tally.member_id, tally.runs) for tally in session.scalars(select(Tally))] == [(nora, 1)]


def test_a_member_can_be_made_an_owner_and_keeps_the_password(house: House) -> None:
    house.come("Nora")
    ben = house.come("Ben")
    with pytest.raises(InvalidMember, match="already"):
        house.members.invite("Ben")
    house.members.invite("Ben", Role.OWNER)
    found = house.members.visiting(house.visit("Ben"))
    assert found is not None
    assert (found.id, found.owner) == (ben, True)
    with pytest.raises(InvalidMember, match="already"):
        house.members.invite("Ben", Role.OWNER)


def test_an_invitation_works_once(house: House) -> None:
    token = house.members.invite("Nora")
    assert house.members.accept(token, PASSWORD) is not None
    assert house.members.accept(token, PASSWORD) is None
    assert house.members.invited(token) is None
    assert house.members.accept("invented", PASSWORD) is None


def test_two_who_use_one_link_at_once_get_in_once(house: House) -> None:
    token = house.members.invite("Nora")
    found: list[str | None] = []
    crowd = [threading.Thread(target=lambda: found.append(house.members.accept(token, PASSWORD))) for _ in range(4)]
    for one in crowd:
        one.start()
    for one in crowd:
        one.join()
    assert len([one for one in found if one is not None]) == 1


def test_an_invitation_ends_after_a_week(house: House) -> None:
    token = house.members.invite("Nora")
    house.now += INVITATION_SECONDS - 1
    assert house.members.invited(token)
    house.now += 2
    assert house.members.invited(token) is None
    assert house.members.accept(token, PASSWORD) is None


def test_a_password_that_is_no_password_leaves_the_link_good(house: House) -> None:
    token = house.members.invite("Nora")
    for password in ("short", "aaaaaaaaaaaa", "x" * 201):
        with pytest.raises(InvalidMember) as refused:
            house.members.accept(token, password)
        assert refused.value.field == "password"
    assert house.members.invited(token)


@pytest.mark.databases("sqlite")
def test_name_and_password_have_to_belong_together(house: House) -> None:
    nora = house.come("Nora")
    house.come("Ben")
    assert house.who(house.members.sign_in("nora ", PASSWORD)) == nora
    assert house.members.sign_in("Nora", PASSWORD + "!") is None
    assert house.members.sign_in("Nobody", PASSWORD) is None
    assert house.members.sign_in("Nora", "") is None


def test_who_is_invited_but_has_not_come_cannot_sign_in(house: House) -> None:
    house.members.invite("Nora")
    assert house.members.sign_in("Nora", "") is None
    assert house.members.sign_in("Nora", "nobody's password") is None


def test_a_name_is_taken_in_any_case_and_width(house: House) -> None:
    house.members.invite("Nora")
    for name in ("nora", "NORA ", "Ｎｏｒａ"):
        with pytest.raises(InvalidMember, match="already"):
            house.members.invite(name)
    for name in ("", "  ", "x" * 41, "\u202e"):
        with pytest.raises(InvalidMember, match="1 to 40"):
            house.members.invite(name)


def test_a_visit_lasts_until_it_is_over(house: House) -> None:
    nora = house.come("Nora")
    here, there = house.visit("Nora"), house.visit("Nora")
    found = house.members.visiting(here)
    assert found is not None
    assert (found.name, found.owner) == ("Nora", True)
    house.members.leave(here)
    assert house.members.visiting(here) is None
    assert house.members.visiting(there)
    house.members.leave_everywhere(nora)
    assert house.members.visiting(there) is None
    again = house.visit("Nora")
    house.now += VISIT_SECONDS + 1
    assert house.members.visiting(again) is None


@pytest.mark.databases("sqlite")
def test_a_new_password_signs_out_everywhere(house: House) -> None:
    nora = house.come("Nora")
    visit = house.visit("Nora")
    with pytest.raises(InvalidMember) as refused:
        house.members.change_password(nora, "not it at all", "five other words of mine")
    assert refused.value.field == "old"
    house.members.change_password(nora, PASSWORD, "five other words of mine")
    assert house.members.visiting(visit) is None
    assert house.members.sign_in("Nora", PASSWORD) is None
    assert house.who(house.members.sign_in("Nora", "five other words of mine")) == nora


def test_a_new_link_ends_password_visits_and_the_link_before(house: House) -> None:
    nora = house.come("Nora")
    visit = house.visit("Nora")
    first, second = house.members.reset(nora), house.members.reset(nora)
    assert first
    assert second
    assert house.members.visiting(visit) is None
    assert house.members.sign_in("Nora", PASSWORD) is None
    assert house.members.accept(first, PASSWORD) is None
    assert house.who(house.members.accept(second, PASSWORD)) == nora


def test_who_is_removed_is_out_and_may_be_invited_again(house: House) -> None:
    house.come("Nora")
    ben = house.come("Ben")
    visit = house.visit("Ben")
    link = house.members.invite("Ben", Role.OWNER)
    house.members.remove(ben)
    assert link
    assert house.members.visiting(visit) is None
    assert house.members.invited(link) is None
    assert house.members.sign_in("Ben", PASSWORD) is None
    assert house.members.reset(ben) is None
    assert house.come("Ben") == ben


def test_a_password_that_ends_while_it_is_checked_opens_nothing(house: House, monkeypatch: pytest.MonkeyPatch) -> None:
    house.come("Nora")
    ben = house.come("Ben")
    fits = passwords.fits

    def slowly(password: str, kept: str | None) -> tuple[bool, bool]:
        found = fits(password, kept)
        house.members.reset(ben)
        return found

    monkeypatch.setattr(passwords, "fits", slowly)
    assert house.members.sign_in("Ben", PASSWORD) is None


def test_an_owner_who_never_came_is_no_owner_to_leave_the_studio_to(house: House) -> None:
    nora = house.come("Nora")
    house.members.invite("Ben", Role.OWNER)
    with pytest.raises(InvalidMember, match="only owner"):
        house.members.remove(nora)


@pytest.mark.parametrize("name", ["", " ", "Ada,Nora", "x" * 41, "ＮＯＲＡ", " Ada"])
def test_nobody_vouches_for_what_is_no_name(house: House, name: str) -> None:
    house.come("Nora")
    assert house.members.vouched(name) is None
    assert len(house.members.everybody()) == 1


def test_a_vouched_member_can_be_made_the_owner_who_inherits(house: House) -> None:
    with house.database.write() as session:
        session.add(clip := Clip.of(Recipe("bells"), "token", 1.0))
    ben, nora = house.members.vouched("Ben"), house.members.vouched("Nora")
    assert ben
    assert nora
    assert not ben.owner
    house.members.invite("Nora")
    assert house.members.vouched("nora") == Person(nora.id, "Nora", owner=True)
    with house.database.read() as session:
        assert session.get_one(Clip, clip.id).member_id == nora.id


def test_the_last_owner_stays(house: House) -> None:
    nora = house.come("Nora")
    with pytest.raises(InvalidMember, match="only owner"):
        house.members.remove(nora)
    ben = house.come("Ben", Role.OWNER)
    house.members.remove(nora)
    with pytest.raises(InvalidMember, match="only owner"):
        house.members.remove(ben)


def test_a_copy_of_the_database_opens_no_door(house: House) -> None:
    link = house.members.invite("Nora")
    first = house.members.accept(link, PASSWORD)
    nora = house.who(first)
    assert first
    assert nora
    tokens = [first, house.visit("Nora"), house.members.reset(nora) or "", PASSWORD]
    with house.database.reader.connect() as connection:
        kept = ""
        for table in ("member", "invitation", "visit"):
            kept += repr(connection.execute(text(f"SELECT * FROM {table}")).all())  # noqa: S608
    assert not [token for token in [link, *tokens] if token in kept]
