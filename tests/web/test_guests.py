"""What guests hear of a studio: clips that were shared, and nothing else."""

from __future__ import annotations

import pytest
from flask import Flask
from flask.testing import FlaskClient

from segue.clips import Clips
from segue.models import Clip
from segue.recipe import Recipe
from segue.web.access import FILES, Door
from tests.studio import made
from tests.web.conftest import press, turned_away
from tests.web.house import House, ask, contents, filled, requests

BOTH = pytest.mark.databases("sqlite", "postgresql")
"""A house takes seconds to fill, for each of its passwords is hashed well: two of them tell enough."""

GONE = "aaaaaaaaaaaaaaaaaaaa"


@BOTH
def test_a_guest_hears_what_is_shared_and_nothing_else(house: House) -> None:
    doors = house.app.extensions["segue.doors"]
    guest = house.browsers["guest"]
    before = contents(house.app)
    for rule, method in requests(house.app):
        door, clip = doors[rule.endpoint], house.open.seen_at(rule.endpoint)
        answer = ask(guest, method, house.address(rule, clip), {} if door is Door.ANYONE else filled(clip))
        told = f"{method} {rule.rule}: {answer.status_code}"
        assert turned_away(answer) == (door in (Door.MEMBERS, Door.OWNERS)), told
        assert answer.status_code == 200 or door is not Door.LISTENERS, told
        assert b"secret bells" not in answer.data, told
        assert contents(house.app) == before, told
    page = guest.get(f"/clips/{house.shared.id}").text
    assert "open bells" in page
    for hidden_from_guests in ("secret bells", house.clip.id, "Ana", "Nora", "Riff on this", "Unshare", "/members"):
        assert hidden_from_guests not in page


def test_what_is_not_shared_and_what_is_not_there_answer_alike(house: House) -> None:
    guest = house.browsers["guest"]
    for rule in house.app.url_map.iter_rules():
        if "clip_id" not in rule.arguments or rule.endpoint == "webhook":
            continue
        gone = Clip(id=GONE)
        for method in sorted((rule.methods or set()) - {"OPTIONS"}):
            there, nowhere = (ask(guest, method, house.address(rule, one), {}) for one in (house.clip, gone))
            assert there.status_code == nowhere.status_code
            assert there.data.replace(house.clip.id.encode(), GONE.encode()) == nowhere.data
            onward = there.headers.get("Location", "").replace(house.clip.id, GONE)
            assert onward == nowhere.headers.get("Location", "")
    assert guest.get("/nothing").headers["Location"].startswith("/sign-in")


def test_unsharing_closes_at_once_and_no_cache_keeps_it_open(house: House) -> None:
    guest, maker = house.browsers["guest"], house.browsers["member"]
    addresses = [f"/clips/{house.shared.id}{part}" for part in ("", "/audio", "/spectrogram", "/card", "/embed")]
    for address in addresses:
        answer = guest.get(address, buffered=True)
        assert answer.status_code == 200
        assert {"no-cache", "no-store"} & set(answer.headers["Cache-Control"].split(", ")), address
        assert "private" in answer.headers["Cache-Control"], address
    etag = guest.get(addresses[1], buffered=True).headers["ETag"]
    assert guest.get(addresses[1], headers={"If-None-Match": etag}, buffered=True).status_code == 304
    assert press(maker, f"/clips/{house.shared.id}/unshare").status_code == 303
    for address in addresses:
        assert turned_away(guest.get(address, headers={"If-None-Match": etag}, buffered=True)), address
    assert guest.get(f"/oembed?url=http://localhost/clips/{house.shared.id}").status_code == 404


def test_cards_and_oembed_speak_of_shared_clips_only(house: House) -> None:
    guest, maker = house.browsers["guest"], house.browsers["member"]
    assert guest.get(f"/oembed?url=http://localhost/clips/{house.shared.id}").status_code == 200
    for browser in (guest, maker):
        closed = browser.get(f"/oembed?url=http://localhost/clips/{house.clip.id}")
        unknown = browser.get(f"/oembed?url=http://localhost/clips/{GONE}")
        assert (closed.status_code, closed.data) == (unknown.status_code, unknown.data)
    assert "og:title" in guest.get(f"/clips/{house.shared.id}").text
    assert "og:title" not in maker.get(f"/clips/{house.clip.id}").text


def test_guests_keep_a_clip_only_where_they_may(house: House) -> None:
    guest, maker = house.browsers["guest"], house.browsers["member"]
    address = f"/clips/{house.shared.id}"
    assert guest.get(f"{address}/audio?download=1", buffered=True).status_code == 200
    press(maker, f"{address}/unshare")
    press(maker, f"{address}/share")
    assert guest.get(f"{address}/audio", buffered=True).status_code == 200
    for wanted in ("/audio?download=1", "/audio?format=mp3", "/spectrogram?download"):
        refused = guest.get(address + wanted, buffered=True)
        assert (refused.status_code, "lets you listen to it, but not keep it" in refused.text) == (403, True), wanted
    assert "Download" not in guest.get(address).text
    assert maker.get(f"{address}/audio?download=1", buffered=True).status_code == 200


def test_compared_with_a_guest_hears_only_shared_family(house: House) -> None:
    clips: Clips = house.app.extensions["segue"].clips
    child = clips.submit(Recipe("child of open bells"), "child", parent_id=house.shared.id)
    clips.advance(child.id)
    guest = house.browsers["guest"]
    assert "child of open bells" not in guest.get(f"/clips/{house.shared.id}").text
    clips.change(child.id, lambda one: one.share(True, 1.0))
    assert "child of open bells" in guest.get(f"/clips/{house.shared.id}").text


def test_programs_are_told_in_json(house: House) -> None:
    guest = house.browsers["guest"]
    answer = guest.get(f"/clips/{house.clip.id}/status")
    assert (answer.status_code, answer.get_json()) == (401, {"error": "Sign in first."})
    assert guest.get("/", headers={"Accept": "application/json"}).status_code == 401
    assert FILES


def test_solo_clips_need_no_sharing(app: Flask, client: FlaskClient) -> None:
    clip = made(app, Recipe("bells"))
    assert client.get(f"/oembed?url=http://localhost/clips/{clip.id}").status_code == 200
    assert "immutable" in client.get(f"/clips/{clip.id}/audio", buffered=True).headers["Cache-Control"]


def test_going_back_shows_nothing_of_a_studio_that_was_left(house: House) -> None:
    member = house.browsers["member"]
    for address in ("/", "/library", "/me", f"/clips/{house.clip.id}"):
        assert "no-store" in member.get(address).headers["Cache-Control"], address
    assert "no-store" in house.browsers["guest"].get(f"/clips/{house.shared.id}").headers["Cache-Control"]


def test_what_says_nothing_of_being_kept_is_kept_by_nobody(house: House) -> None:
    for address in (f"/library/zip?clip={house.clip.id}", "/healthz", "/readyz", "/nothing"):
        answer = house.browsers["member"].get(address, buffered=True)
        assert answer.headers["Cache-Control"] == "private, no-store", address
    assert house.app.test_client().get("/sign-in").headers["Cache-Control"] == "private, no-store"


def test_a_solo_studios_zip_and_figures_are_kept_by_nobody(app: Flask, client: FlaskClient) -> None:
    clip = made(app, Recipe("bells"))
    for address in (f"/library/zip?clip={clip.id}", "/metrics"):
        assert client.get(address, buffered=True).headers["Cache-Control"] == "private, no-store", address
    assert "Cache-Control" not in client.get("/").headers, "going back is quick"


def test_what_a_browser_keeps_for_being_offline_names_nobody(house: House) -> None:
    page = house.browsers["owner"].get("/offline").text
    assert "Nora" not in page
    assert "/usage" not in page
    assert page == house.app.test_client().get("/offline").text


def test_a_guest_gets_no_cookie(house: House) -> None:
    guest = house.app.test_client()
    for part in ("", "/audio", "/embed"):
        assert "Set-Cookie" not in guest.get(f"/clips/{house.shared.id}{part}", buffered=True).headers


def test_a_clip_in_the_bin_cannot_be_opened_and_undo_gives_the_sharing_back(house: House) -> None:
    maker, guest = house.browsers["member"], house.browsers["guest"]
    press(maker, "/library/bin", clip=house.shared.id)
    assert turned_away(guest.get(f"/clips/{house.shared.id}"))
    house.app.extensions["segue"].clips.change(house.clip.id, lambda clip: clip.bin(1.0))
    house.app.extensions["segue"].clips.change(house.clip.id, lambda clip: clip.share(True, 2.0))
    for clip in (house.shared, house.clip):
        press(maker, "/library/restore", clip=clip.id)
    assert guest.get(f"/clips/{house.shared.id}").status_code == 200
    assert turned_away(guest.get(f"/clips/{house.clip.id}"))
