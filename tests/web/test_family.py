"""A clip's page shows whom it belongs with."""

from __future__ import annotations

import re

from flask import Flask
from flask.testing import FlaskClient

from segue import family
from segue.clips import Clips
from segue.models import Clip
from segue.recipe import Recipe
from tests.studio import made
from tests.web.conftest import entered


def _from(app: Flask, prompt: str, parent: Clip) -> Clip:
    clips: Clips = app.extensions["segue"].clips
    found = clips.find(clips.submit(Recipe(prompt), f"token of {prompt}", parent_id=parent.id).id)
    assert found is not None
    return found


def _around(app: Flask, clip: Clip) -> tuple[list[tuple[str, str]], list[tuple[str, str]]]:
    relatives, neighbours = family.around(app.extensions["segue"].database, clip)
    return [(each.prompt_a, each.relation) for each in relatives], [
        (each.prompt_a, each.relation) for each in neighbours
    ]


def test_a_clip_is_shown_with_its_parent_its_children_and_who_has_the_same_parent(app: Flask) -> None:
    bells = made(app, Recipe("bells"))
    horns, drums = _from(app, "horns", bells), _from(app, "drums", bells)
    _from(app, "flutes", horns)
    assert _around(app, horns)[0] == [
        ("bells", "where this came from"),
        ("flutes", "made from this"),
        ("drums", "made from the same"),
    ]
    assert _around(app, bells)[0] == [("drums", "made from this"), ("horns", "made from this")]
    assert _around(app, drums)[0][1:] == [("horns", "made from the same")]


def test_neighbours_are_finished_ones_and_each_clip_is_named_once(app: Flask) -> None:
    bells = made(app, Recipe("bells"))
    rain = made(app, Recipe("rain"))
    horns = _from(app, "horns", rain)
    surf = made(app, Recipe("surf"))
    assert _around(app, rain) == (
        [("horns", "made from this")],
        [("bells", "made just before"), ("surf", "made just after")],
    )
    app.extensions["segue"].clips.advance(horns.id)
    assert _around(app, rain)[1] == [("bells", "made just before")], "the one after is its child, and named already"
    assert _around(app, bells) == ([], [("rain", "made just after")])
    assert _around(app, surf)[1] == [("horns", "made just before")]


def test_only_what_is_ready_can_be_compared(app: Flask, client: FlaskClient) -> None:
    bells = made(app, Recipe("bells"))
    horns = _from(app, "horns", bells)
    page = client.get(f"/clips/{bells.id}").text
    assert "made from this · in the making" in page
    assert "Compare" not in page
    waiting = client.get(f"/clips/{horns.id}").text
    assert "where this came from" in waiting
    assert "clip-compare" not in waiting, "there is nothing to hear yet"
    app.extensions["segue"].clips.advance(horns.id)
    assert re.search(r'Compare<span class="visually-hidden"> with horns', client.get(f"/clips/{bells.id}").text)


def test_relatives_go_by_the_title_they_were_given(app: Flask, client: FlaskClient) -> None:
    bells, horns = made(app, Recipe("bells")), made(app, Recipe("horns", "jazz"))
    app.extensions["segue"].clips.change(bells.id, lambda clip: clip.describe("Evening <bells>", "", ""))
    page = client.get(f"/clips/{horns.id}").text
    assert 'data-title="Evening &lt;bells&gt;"' in page
    assert "with Evening &lt;bells&gt;" in page
    assert 'data-title="horns → jazz"' in client.get(f"/clips/{bells.id}").text


def test_guests_meet_only_the_family_that_is_shared_too(app: Flask) -> None:
    member = entered(app, "Ada")
    bells = made(app, Recipe("bells"))
    horns, drums = _from(app, "horns", bells), _from(app, "drums", bells)
    for clip in (horns, drums):
        app.extensions["segue"].clips.advance(clip.id)
    for clip in (bells, horns):
        app.extensions["segue"].clips.change(clip.id, lambda it: it.share(download=True, now=1.0))
    guest = app.test_client()
    page = guest.get(f"/clips/{bells.id}").text
    assert "horns" in page
    assert "drums" not in page
    assert "drums" not in guest.get(f"/clips/{horns.id}").text, "who has the same parent is none of a guest's business"
    assert "drums" in member.get(f"/clips/{bells.id}").text
