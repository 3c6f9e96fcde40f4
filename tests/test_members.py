"""Members: links work once, passwords fit or do not, and whoever is shown out is out."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import text

from segue.db import Database
from segue.errors import InvalidMember
from segue.members import INVITATION_SECONDS, VISIT_SECONDS, Members
from segue.models import Clip, Role
from segue.recipe import Recipe

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
        member_id = self.members.accept(self.members.invite(name, role), PASSWORD)
        assert member_id is not None
        return member_id


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
    assert house.members.known("nora ", PASSWORD) == nora
    assert house.members.known("Nora", PASSWORD + "!") is None
    assert house.members.known("Nobody", PASSWORD) is None
    assert house.members.known("Nora", "") is None


def test_who_is_invited_but_has_not_come_cannot_sign_in(house: House) -> None:
    house.members.invite("Nora")
    assert house.members.known("Nora", "") is None
    assert house.members.known("Nora", "nobody's password") is None


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
    here, there = house.members.enter(nora), house.members.enter(nora)
    found = house.members.visiting(here)
    assert found is not None
    assert (found.name, found.owner) == ("Nora", True)
    house.members.leave(here)
    assert house.members.visiting(here) is None
    assert house.members.visiting(there)
    house.members.leave_everywhere(nora)
    assert house.members.visiting(there) is None
    again = house.members.enter(nora)
    house.now += VISIT_SECONDS + 1
    assert house.members.visiting(again) is None


@pytest.mark.databases("sqlite")
def test_a_new_password_signs_out_everywhere(house: House) -> None:
    nora = house.come("Nora")
    visit = house.members.enter(nora)
    with pytest.raises(InvalidMember) as refused:
        house.members.change_password(nora, "not it at all", "five other words of mine")
    assert refused.value.field == "old"
    house.members.change_password(nora, PASSWORD, "five other words of mine")
    assert house.members.visiting(visit) is None
    assert house.members.known("Nora", PASSWORD) is None
    assert house.members.known("Nora", "five other words of mine") == nora


def test_a_new_link_ends_password_visits_and_the_link_before(house: House) -> None:
    nora = house.come("Nora")
    visit = house.members.enter(nora)
    first, second = house.members.reset(nora), house.members.reset(nora)
    assert first
    assert second
    assert house.members.visiting(visit) is None
    assert house.members.known("Nora", PASSWORD) is None
    assert house.members.accept(first, PASSWORD) is None
    assert house.members.accept(second, PASSWORD) == nora


def test_who_is_removed_is_out_and_may_be_invited_again(house: House) -> None:
    house.come("Nora")
    ben = house.come("Ben")
    visit, link = house.members.enter(ben), house.members.reset(ben)
    visit = house.members.enter(ben)
    house.members.remove(ben)
    assert link
    assert house.members.visiting(visit) is None
    assert house.members.invited(link) is None
    assert house.members.known("Ben", PASSWORD) is None
    assert house.members.reset(ben) is None
    assert house.come("Ben") == ben


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
    nora = house.members.accept(link, PASSWORD)
    assert nora
    tokens = [house.members.enter(nora), house.members.reset(nora) or "", PASSWORD]
    with house.database.reader.connect() as connection:
        kept = ""
        for table in ("member", "invitation", "visit"):
            kept += repr(connection.execute(text(f"SELECT * FROM {table}")).all())  # noqa: S608
    assert not [token for token in [link, *tokens] if token in kept]
