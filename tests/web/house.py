"""A studio with members and their clips, and all that anybody might ask of it."""

from __future__ import annotations

from dataclasses import dataclass

from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.routing import Rule
from werkzeug.test import TestResponse

from segue.clips import Clips
from segue.db import Base
from segue.members import Members
from segue.models import Clip, Member
from segue.recipe import Recipe
from tests.web.conftest import PASSWORD, entered, press

NAMES = {"owner": "Nora", "member": "Ana", "other": "Ben", "removed": "Cem", "invited": "Dan"}


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
class Made:
    """Clips of one member: one that is done, one that waits and one that failed, for buttons that need such."""

    done: Clip
    waiting: Clip
    failed: Clip

    def seen_at(self, endpoint: str) -> Clip:
        """The one that a route has something to do with."""
        return {"clip_cancel": self.waiting, "clip_retry": self.failed}.get(endpoint, self.done)


def furnished(app: Flask) -> House:
    """Such a studio, made of one with nothing in it yet."""
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


def _made(app: Flask, member_id: str, words: str) -> Made:
    clips: Clips = app.extensions["segue"].clips
    done, waiting, failed = (
        clips.submit(Recipe(f"{words}{which}", "jazz", take=4), f"{words}{which}", member_id=member_id)
        for which in ("", " in a while", " in vain")
    )
    clips.advance(done.id)
    clips.change(failed.id, lambda clip: clip.fail("It did not work out.", 1.0))
    return Made(done, waiting, failed)


def _member(app: Flask, who: str) -> Member:
    members: Members = app.extensions["segue"].members
    found = members.named(NAMES[who])
    assert found
    return found


def requests(app: Flask) -> list[tuple[Rule, str]]:
    """Every route and method. Signing out leads to the same page as being turned away, so that has tests of its own."""
    return [
        (rule, method)
        for rule in app.url_map.iter_rules()
        for method in sorted((rule.methods or set()) - {"OPTIONS"})
        if rule.endpoint != "sign_out"
    ]


def ask(browser: FlaskClient, method: str, address: str, fields: dict[str, str]) -> TestResponse:
    if method == "POST":
        return press(browser, address, **fields)
    return browser.open(address, method=method, buffered=True)


def filled(clip: Clip) -> dict[str, str]:
    """All that any form asks for: each takes what it knows."""
    return {
        "clip": clip.id, "on": "1", "title": "Mine now", "prompt_a": "more bells", "token": "once",
        "name": "Eve", "role": "member", "old": PASSWORD, "password": "five other words of mine",
    }  # fmt: skip


def contents(app: Flask) -> dict[str, list[str]]:
    """Every row of the database; but for how much a clip takes, which a card drawn for the first time adds to."""
    with app.extensions["segue"].database.reader.connect() as connection:
        return {
            table.name: sorted(
                map(repr, connection.execute(select(*(column for column in table.columns if column.name != "size"))))
            )
            for table in Base.metadata.sorted_tables
        }
