"""Who may come in where: every route and method, for everybody who may be asking."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from segue.clips import Clips
from segue.config import Settings
from segue.db import Base
from segue.members import Members
from segue.models import Clip, Member, Role
from segue.recipe import Recipe
from segue.web.access import FILES, Door
from tests.studio import opened
from tests.visitor import hidden
from tests.web.conftest import PASSWORD, entered, made, press, turned_away

BOTH = pytest.mark.databases("sqlite", "postgresql")
"""A house takes seconds to fill, for each of its passwords is hashed well: two of them tell enough."""

GONE = "aaaaaaaaaaaaaaaaaaaa"
WHO = ("guest", "removed", "member", "other", "owner")
NAMES = {"owner": "Nora", "member": "Ana", "other": "Ben", "removed": "Cem", "invited": "Dan"}
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


@dataclass
class Made:
    """Clips of one member: one that is done, one that waits and one that failed, for buttons that need such."""

    done: Clip
    waiting: Clip
    failed: Clip

    def seen_at(self, endpoint: str) -> Clip:
        """The one that a route has something to do with."""
        return {"clip_cancel": self.waiting, "clip_retry": self.failed}.get(endpoint, self.done)


class Browsers(dict[str, FlaskClient]):
    """Everybody's, each signed in when it is first asked for: passwords take their time."""

    def __init__(self, app: Flask) -> None:
        super().__init__(guest=app.test_client())
        self._app = app

    def __missing__(self, who: str) -> FlaskClient:
        browser = self[who] = entered(self._app, NAMES[who])
        if who == "removed":
            members: Members = self._app.extensions["segue"].members
            members.remove(_member(self._app, who).id)
        return browser


@dataclass
class House:
    """A studio with members: Nora owns it, Ana made the clips, Ben did not, Cem is gone; Dan was invited just now."""

    app: Flask
    closed: Made
    open: Made
    browsers: Browsers
    invited: str
    invitation: str

    @property
    def clip(self) -> Clip:
        """One that is done and was not shared."""
        return self.closed.done

    @property
    def shared(self) -> Clip:
        """One that is done and was."""
        return self.open.done

    def address(self, rule: Rule, clip: Clip) -> str:
        """Where a route is, for that clip; members are Dan, and the invitation is his."""
        values = {
            "clip_id": clip.id, "seed_id": "vibes", "provider": "sketch", "filename": "css/app.css",
            "name": "css/app.css", "token": self.invitation, "member_id": self.invited,
        }  # fmt: skip
        built = rule.build({**{name: values[name] for name in rule.arguments}, **(rule.defaults or {})})
        assert built
        return built[1]


def _member(app: Flask, who: str) -> Member:
    members: Members = app.extensions["segue"].members
    found = members.named(NAMES[who])
    assert found
    return found


def _made(app: Flask, member_id: str, words: str) -> Made:
    clips: Clips = app.extensions["segue"].clips
    done, waiting, failed = (
        clips.submit(Recipe(f"{words}{which}", "jazz", take=4), f"{words}{which}", member_id=member_id)
        for which in ("", " in a while", " in vain")
    )
    clips.advance(done.id)
    clips.change(failed.id, lambda clip: clip.fail("It did not work out.", 1.0))
    return Made(done, waiting, failed)


@pytest.fixture
def house(app: Flask) -> House:
    members: Members = app.extensions["segue"].members
    members.invite(NAMES["owner"])
    for who in ("member", "other"):
        members.invite(NAMES[who])
    invitation = members.invite(NAMES["invited"])
    ana = _member(app, "member").id
    closed, shared = _made(app, ana, "secret bells"), _made(app, ana, "open bells")
    for clip in (shared.done, shared.waiting, shared.failed):
        app.extensions["segue"].clips.change(clip.id, lambda one: one.share(True, 1.0))
    return House(app, closed, shared, Browsers(app), _member(app, "invited").id, invitation)


def _ask(browser: FlaskClient, method: str, address: str, fields: dict[str, str]) -> TestResponse:
    if method == "POST":
        return press(browser, address, **fields)
    return browser.open(address, method=method, buffered=True)


def _filled(clip: Clip) -> dict[str, str]:
    """All that any form asks for: each takes what it knows."""
    return {
        "clip": clip.id, "on": "1", "title": "Mine now", "prompt_a": "more bells", "token": "once",
        "name": "Eve", "role": "member", "old": PASSWORD, "password": "five other words of mine",
    }  # fmt: skip


def _requests(app: Flask) -> list[tuple[Rule, str]]:
    """Every route and method. Signing out leads to the same page as being turned away, so that has tests of its own."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
        if rule.endpoint != "sign_out"
    ]


def _contents(app: Flask) -> dict[str, list[str]]:
    """Every row of the database; but for how much a clip takes, which a card drawn for the first time adds to."""
    with app.extensions["segue"].database.reader.connect() as connection:
        return {
            table.name: sorted(
                map(repr, connection.execute(select(*(column for column in table.columns if column.name != "size"))))
            )
            for table in Base.metadata.sorted_tables
        }


def test_every_route_has_the_door_that_was_decided_for_it(app: Flask) -> None:
    doors = app.extensions["segue.doors"]
    assert {rule.endpoint for rule in app.url_map.iter_rules()} == set(doors)
    assert doors == {endpoint: door for door, endpoints in DECIDED.items() for endpoint in endpoints.split()}


@pytest.mark.parametrize("who", WHO)
def test_everybody_comes_in_where_they_may_and_nowhere_else(house: House, who: str) -> None:
    """The heart of it: the URL map against the doors, for clips that are not shared. Whoever may press, changes."""
    app, browser, stranger = house.app, house.browsers[who], who in ("guest", "removed")
    for rule, method in _requests(app):
        door, clip = app.extensions["segue.doors"][rule.endpoint], house.closed.seen_at(rule.endpoint)
        if rule.endpoint in LEAVING and not stranger:
            continue
        before = _contents(app)
        address = house.address(rule, clip)
        answer = _ask(browser, method, address, {} if door is Door.ANYONE else _filled(clip))
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
        assert (_contents(app) != before) == (method == "POST" and not idle), told


@BOTH
def test_a_guest_hears_what_is_shared_and_nothing_else(house: House) -> None:
    doors = house.app.extensions["segue.doors"]
    guest = house.browsers["guest"]
    before = _contents(house.app)
    for rule, method in _requests(house.app):
        door, clip = doors[rule.endpoint], house.open.seen_at(rule.endpoint)
        answer = _ask(guest, method, house.address(rule, clip), {} if door is Door.ANYONE else _filled(clip))
        told = f"{method} {rule.rule}: {answer.status_code}"
        assert turned_away(answer) == (door in (Door.MEMBERS, Door.OWNERS)), told
        assert answer.status_code == 200 or door is not Door.LISTENERS, told
        assert b"secret bells" not in answer.data, told
        assert _contents(house.app) == before, told
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
            there, nowhere = (_ask(guest, method, house.address(rule, one), {}) for one in (house.clip, gone))
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
        assert guest.get(address + wanted, buffered=True).status_code == 403, wanted
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


def test_programs_are_told_in_json(house: House) -> None:
    guest = house.browsers["guest"]
    answer = guest.get(f"/clips/{house.clip.id}/status")
    assert (answer.status_code, answer.get_json()) == (401, {"error": "Sign in first."})
    assert guest.get("/", headers={"Accept": "application/json"}).status_code == 401
    assert FILES


def test_no_other_site_can_press_a_button_here(house: House) -> None:
    """Every form, filled in well, without the token of this browser's own session. What runs a clip is on its own."""
    owner = house.browsers["owner"]
    foreign = hidden(house.browsers["guest"].get("/sign-in").text, "csrf_token")
    before = _contents(house.app)
    for rule in house.app.url_map.iter_rules():
        if "POST" not in (rule.methods or set()) or rule.endpoint in ("submit", "webhook"):
            continue
        clip = house.closed.seen_at(rule.endpoint)
        for token in ({}, {"csrf_token": foreign}):
            answer = owner.post(house.address(rule, clip), data=_filled(clip) | token)
            assert answer.status_code == 400, rule.rule
            assert _contents(house.app) == before, rule.rule


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


def test_solo_clips_need_no_sharing(app: Flask, client: FlaskClient) -> None:
    clip = made(app, Recipe("bells"))
    assert client.get(f"/oembed?url=http://localhost/clips/{clip.id}").status_code == 200
    assert "immutable" in client.get(f"/clips/{clip.id}/audio", buffered=True).headers["Cache-Control"]


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
        assert client.get(address, environ_base=there).status_code == 403
        assert client.get(address).status_code == 200
    clip = made(app, Recipe("bells"))
    kept = client.get(f"/clips/{clip.id}/audio", environ_base=there, buffered=True).headers["Cache-Control"]
    assert "no-cache" in kept, "it may have members one day"
    app.extensions["segue"].database.close()


def test_going_back_shows_nothing_of_a_studio_that_was_left(house: House) -> None:
    member = house.browsers["member"]
    for address in ("/", "/library", "/me", f"/clips/{house.clip.id}"):
        assert "no-store" in member.get(address).headers["Cache-Control"], address
    assert "no-store" in house.browsers["guest"].get(f"/clips/{house.shared.id}").headers["Cache-Control"]


def test_what_a_browser_keeps_for_being_offline_names_nobody(house: House) -> None:
    page = house.browsers["owner"].get("/offline").text
    assert "Nora" not in page
    assert "/usage" not in page
    assert page == house.app.test_client().get("/offline").text


def test_a_guest_gets_no_cookie(house: House) -> None:
    guest = house.app.test_client()
    for part in ("", "/audio", "/embed"):
        assert "Set-Cookie" not in guest.get(f"/clips/{house.shared.id}{part}", buffered=True).headers


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
