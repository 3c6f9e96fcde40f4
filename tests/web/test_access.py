"""Who may come in where: every route and method, for everybody who may be asking."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from segue.clips import Clips
from segue.config import Settings
from segue.members import Members
from segue.models import Role
from segue.recipe import Recipe
from segue.web.access import Door
from tests.studio import made, opened
from tests.visitor import hidden
from tests.web.conftest import PASSWORD, press, turned_away
from tests.web.house import House, ask, contents, filled, requests

BOTH = pytest.mark.databases("sqlite", "postgresql")
"""A house takes seconds to fill, for each of its passwords is hashed well: two of them tell enough."""

WHO = ("guest", "removed", "member", "other", "owner")
LEAVING = frozenset(("sign_out", "sign_out_everywhere"))
OWN_ONLY = frozenset(("clip_share", "clip_unshare", "clip_cancel", "clip_details"))
"""What only a clip's maker and owners may do."""
PASSED_OVER = frozenset(("library_bin_put", "library_restore"))
"""What leaves alone the clips that are somebody else's."""
DECIDED = {
    Door.ANYONE: (
        "static asset healthz readyz metrics manifest worker offline oembed webhook "
        "sign_in sign_out oidc oidc_back invitation"
    ),
    Door.LISTENERS: "clip clip_status clip_audio clip_spectrogram clip_card clip_embed",
    Door.MEMBERS: (
        "studio submit clips clip_cancel clip_retry clip_share clip_unshare clip_heart clip_details seed_audio "
        "seed_picture library library_bin library_bin_put library_restore library_zip me sign_out_everywhere"
    ),
    Door.OWNERS: "members member_reset member_remove usage",
}
"""Whom each route is meant for, said here once more: a new one, or a door left open, has to be meant."""


def test_every_route_has_the_door_that_was_decided_for_it(app: Flask) -> None:
    doors = app.extensions["segue.doors"]
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(doors)
    assert doors == {endpoint: door for door, endpoints in DECIDED.items() for endpoint in endpoints.split()}


@pytest.mark.parametrize("who", WHO)
def test_everybody_comes_in_where_they_may_and_nowhere_else(house: House, who: str) -> None:
    """The heart of it: the URL map against the doors, for clips that are not shared. Whoever may press, changes."""
    app, browser, stranger = house.app, house.browsers[who], who in ("guest", "removed")
    for rule, method in requests(app):
        door, clip = app.extensions["segue.doors"][rule.endpoint], house.closed.seen_at(rule.endpoint)
        if rule.endpoint in LEAVING and not stranger:
            continue
        before = contents(app)
        address = house.address(rule, clip)
        answer = ask(browser, method, address, {} if door is Door.ANYONE else filled(clip))
        told = f"{method} {rule.rule} for {who}: {answer.status_code}"
        refused = (door is Door.OWNERS and who != "owner") or (rule.endpoint in OWN_ONLY and who == "other")
        if stranger:
            assert turned_away(answer) == (door is not Door.ANYONE), told
            assert b"secret bells" not in answer.data, told
        elif refused:
            assert answer.status_code == 403, told
        else:
            assert not turned_away(answer), told
            assert answer.status_code not in (401, 500), told
            assert answer.status_code != 403 or rule.endpoint == "webhook", told
        idle = stranger or refused or door is Door.ANYONE or (rule.endpoint in PASSED_OVER and who == "other")
        assert (contents(app) != before) == (method == "POST" and not idle), told


def test_alone_at_this_machine_nobody_signs_in(client: FlaskClient) -> None:
    assert client.get("/").status_code == 200
    assert client.get("/members").status_code == 200


@pytest.mark.parametrize(
    "elsewhere",
    [
        lambda client: client.get("/", environ_base={"REMOTE_ADDR": "192.168.1.7"}),
        lambda client: client.get("/", environ_base={"REMOTE_ADDR": ""}),
        lambda client: client.get("/", headers={"X-Forwarded-For": "203.0.113.9"}),
        lambda client: client.get("/", headers={"Forwarded": "for=203.0.113.9"}),
    ],
)
def test_without_members_only_this_machine_comes_in(
    client: FlaskClient, elsewhere: Callable[[FlaskClient], TestResponse]
) -> None:
    answer = elsewhere(client)
    assert answer.headers["Location"].startswith("/sign-in")
    page = client.get("/sign-in", environ_base={"REMOTE_ADDR": "192.168.1.7"}).text
    assert "member invite" in page


def test_opened_on_purpose_it_is_open_until_there_is_a_member(settings: Settings) -> None:
    app = opened(settings.model_copy(update={"open": True}))
    client = app.test_client()
    elsewhere = {"REMOTE_ADDR": "192.168.1.7"}
    assert client.get("/", environ_base=elsewhere).status_code == 200
    app.extensions["segue"].members.invite("Nora", Role.OWNER)
    assert turned_away(client.get("/", environ_base=elsewhere))
    app.extensions["segue"].database.close()


def test_a_clip_made_here_belongs_to_who_made_it(house: House) -> None:
    answer = press(house.browsers["other"], "/clips", prompt_a="bens bells", token="t")
    clip = house.app.extensions["segue"].clips.find(answer.headers["Location"].rpartition("/")[2])
    assert clip.member_id == house.app.extensions["segue"].members.named("Ben").id


def test_no_other_site_can_press_a_button_here(house: House) -> None:
    """Every form, filled in well, without the token of this browser's own session. What runs a clip is on its own."""
    owner = house.browsers["owner"]
    foreign = hidden(house.browsers["guest"].get("/sign-in").text, "csrf_token")
    before = contents(house.app)
    for rule in house.app.url_map.iter_rules():
        if "POST" not in (rule.methods or set()) or rule.endpoint in ("submit", "webhook"):
            continue
        clip = house.closed.seen_at(rule.endpoint)
        for token in ({}, {"csrf_token": foreign}):
            answer = owner.post(house.address(rule, clip), data=filled(clip) | token)
            assert answer.status_code == 400, rule.rule
            assert contents(house.app) == before, rule.rule


def test_spent_late_and_invented_invitations_answer_alike(house: House) -> None:
    members: Members = house.app.extensions["segue"].members
    spent = members.invite("Eve")
    assert members.accept(spent, PASSWORD)
    guest = house.browsers["guest"]
    answers = [guest.get(f"/invitations/{token}") for token in (spent, "invented", "../../etc")]
    assert answers[0].status_code == answers[1].status_code == 404
    assert answers[0].text == answers[1].text
    assert press(guest, f"/invitations/{spent}", password=PASSWORD).status_code == 404


@BOTH
def test_owners_invite_reset_and_remove(house: House) -> None:
    owner, other = house.browsers["owner"], house.browsers["other"]
    members: Members = house.app.extensions["segue"].members
    page = press(owner, "/members", name="<b>Eve</b>", role="member").text
    assert "&lt;b&gt;Eve&lt;/b&gt;" in page
    assert "<b>Eve" not in page
    assert "/invitations/" in page
    ben = members.named("Ben")
    nora = members.named("Nora")
    assert ben
    assert nora
    assert "/invitations/" in press(owner, f"/members/{ben.id}/reset").text
    assert turned_away(other.get("/"))
    assert press(owner, f"/members/{ben.id}/remove").status_code == 303
    assert members.named("Ben") is None
    told = "Ben was removed."
    assert told in owner.get("/members").text
    assert told not in owner.get("/members").text, "once is enough"
    assert press(owner, f"/members/{ben.id}/remove").status_code == 303
    last = press(owner, f"/members/{nora.id}/remove")
    assert last.status_code == 409
    assert "only owner" in last.text


def test_a_web_server_in_front_may_say_who_it_is_and_nobody_else(settings: Settings) -> None:
    from segue.config import Settings

    told = {"SEGUE_USER_HEADER": "SegueUser", "SEGUE_USER_HEADER_FROM": "10.0.0.5 10.1.0.0/24"}
    app = opened(Settings.load({"SEGUE_DATA": str(settings.data), **told}))
    members: Members = app.extensions["segue"].members
    client = app.test_client()

    def ask(address: str, name: str | None) -> TestResponse:
        headers = {} if name is None else {"SegueUser": name}
        return client.get("/", headers=headers, environ_base={"REMOTE_ADDR": address})

    assert turned_away(ask("127.0.0.1", None)), "nobody is alone where somebody else says who is who"
    assert turned_away(ask("127.0.0.1", "Ana"))
    assert turned_away(ask("10.0.0.6", "Ana"))
    assert turned_away(ask("10.0.0.5", None))
    assert members.named("Ana") is None
    for address in ("10.0.0.5", "10.1.0.77"):
        assert "<bdi>Ana</bdi>" in ask(address, "Ana").text
    ana = members.named("ana")
    assert ana
    assert ana.role is Role.MEMBER
    assert "<bdi>Zoë</bdi>" in ask("10.0.0.5", "Zoë".encode().decode("latin-1")).text
    page = client.get("/me", headers={"SegueUser": "Ana"}, environ_base={"REMOTE_ADDR": "10.0.0.5"})
    assert page.status_code == 404, "there is no password to change"
    members.remove(ana.id)
    assert turned_away(ask("10.0.0.5", "Ana"))
    app.extensions["segue"].database.close()


def test_the_log_tells_who_changed_what_and_no_names_that_were_tried(
    house: House, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    press(house.browsers["member"], f"/clips/{house.clip.id}/share")
    press(house.app.test_client(), "/sign-in", name="a password in the wrong field", password="x")
    told = [record.getMessage() for record in caplog.records]
    assert f"Ana: clip_share {house.clip.id}" in told
    assert "wrong name or password from 127.0.0.1" in told
    assert not any("wrong field" in line for line in told)


def test_forms_without_end_are_held_up_and_come_back_filled(house: House) -> None:
    browser = house.browsers["member"]
    assert {browser.post("/clips", data={}).status_code for _ in range(60)} == {422}
    held_up = browser.post("/clips", data={"prompt_a": "steel drums"})
    assert held_up.status_code == 429
    assert 1 <= int(held_up.headers["Retry-After"]) <= 60
    assert "That was too fast." in held_up.text
    assert "steel drums</textarea>" in held_up.text
    assert browser.get(f"/clips/{house.clip.id}/status").status_code == 200


def test_a_studio_open_to_all_is_owned_from_this_machine_only(tmp_path: Path) -> None:
    app = opened(Settings.load({"SEGUE_DATA": str(tmp_path), "SEGUE_OPEN": "yes"}))
    there = {"REMOTE_ADDR": "192.168.1.66"}
    client = app.test_client()
    assert client.get("/", environ_base=there).status_code == 200
    for address in ("/members", "/usage"):
        refused = client.get(address, environ_base=there)
        assert (refused.status_code, "whoever sits at the machine it runs on" in refused.text) == (403, True)
        assert client.get(address).status_code == 200
    clip = made(app, Recipe("bells"))
    kept = client.get(f"/clips/{clip.id}/audio", environ_base=there, buffered=True).headers["Cache-Control"]
    assert "no-cache" in kept, "it may have members one day"
    app.extensions["segue"].database.close()


def test_only_who_may_stop_a_clip_is_offered_to(house: House) -> None:
    clips: Clips = house.app.extensions["segue"].clips
    ana = house.app.extensions["segue"].members.named("Ana")
    waiting = clips.submit(Recipe("slow bells"), "slow", member_id=ana.id)
    assert "/cancel" in house.browsers["member"].get(f"/clips/{waiting.id}").text
    assert "/cancel" not in house.browsers["other"].get(f"/clips/{waiting.id}").text


def test_a_broken_referrer_breaks_nothing(house: House) -> None:
    browser = house.browsers["member"]
    token = hidden(browser.get("/library").text, "csrf_token")
    form, headers = {"csrf_token": token, "on": "1"}, {"Referer": "http://["}
    assert browser.post(f"/clips/{house.clip.id}/heart", data=form, headers=headers).status_code == 303
