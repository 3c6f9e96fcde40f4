"""Usage: owners see who ran how much; the sums are right."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime

import pytest
from flask import Flask

from segue import limits, usage
from segue.clips import Clips
from segue.config import Settings
from segue.members import Members
from segue.models import Tally
from segue.recipe import Recipe
from tests.studio import opened
from tests.web.conftest import entered

pytestmark = pytest.mark.databases("sqlite", "postgresql")


@pytest.fixture
def house(settings: Settings) -> Iterator[Flask]:
    app = opened(settings.model_copy(update={"prices": {"sketch": 0.25}}))
    yield app
    app.extensions["segue"].database.close()


def test_owners_see_who_ran_how_much(house: Flask) -> None:
    clips: Clips = house.extensions["segue"].clips
    members: Members = house.extensions["segue"].members
    owner, member = entered(house, "Nora"), entered(house, "<b>Ana</b>")
    ana = members.named("<b>Ana</b>")
    assert ana
    done = [clips.submit(Recipe("bells"), f"token {number}", member_id=ana.id) for number in range(3)]
    clips.advance(done[0].id)
    clips.advance(done[1].id)
    clips.cancel(done[2].id)
    page = owner.get("/usage").text
    this = f"{datetime.now(UTC):%Y-%m}"
    assert f'<th scope="rowgroup">{this}</th><td>2</td>' in page
    ana_ran = '<th scope="row"><bdi>&lt;b&gt;Ana&lt;/b&gt;</bdi></th><td>2</td>'
    assert ana_ran in page, "what was called off before anybody was asked is not counted"
    assert page.count("<td>$0.50</td>") == 2, "hers, and the month's"
    assert page.count('class="usage-bar"') == 1, "a month with nothing has no bar"
    assert f"<title>{this}: 2 runs, " in page
    assert page.count(">$0.50</text>") == 1, "said at the highest"
    refused = member.get("/usage")
    assert (refused.status_code, "Only an owner of this studio" in refused.text) == (403, True)


def test_the_months_are_the_last_twelve_and_add_up(house: Flask) -> None:
    database = house.extensions["segue"].database
    january = datetime(2026, 1, 31, 23, tzinfo=UTC).timestamp()
    with database.write() as session:
        for month, member, runs in (("2026-01", "", 2), ("2026-01", "x", 3), ("2025-02", "", 1), ("2025-01", "", 9)):
            session.add(Tally(member_id=member, month=month, provider="sketch", runs=runs, seconds=90.0, spent=0.5))
    rows = usage.used(database, january)
    assert [(row.month, row.runs) for row in rows] == [("2026-01", 3), ("2026-01", 2), ("2025-02", 1)]
    months = usage.by_month(rows, january)
    assert [month.name for month in months][:2] == ["2025-02", "2025-03"]
    assert (months[-1].name, months[-1].runs, months[-1].minutes, months[-1].spent) == ("2026-01", 5, 3.0, 1.0)
    assert sum(month.runs for month in months) == 6


def test_parts_of_a_cent_are_not_rounded_away(house: Flask) -> None:
    owner = entered(house, "Nora")
    with house.extensions["segue"].database.write() as session:
        month = limits.month_of(time.time())
        session.add(Tally(member_id="", month=month, provider="replicate", runs=3, seconds=9.0, spent=0.0123))
    page = owner.get("/usage").text
    assert page.count("<td>$0.0123</td>") == 2, "nobody's in particular, and the month's"


def test_nothing_run_is_said_so(house: Flask) -> None:
    assert "Nothing was run" in entered(house, "Nora").get("/usage").text
    assert usage.used(house.extensions["segue"].database, time.time()) == []
