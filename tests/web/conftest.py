"""What tests of pages share: members in their browsers, and forms they send."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from segue.members import Members
from segue.models import Role
from tests.visitor import hidden

if TYPE_CHECKING:
    from tests.web.house import House


PASSWORD = "four words of mine"


def entered(app: Flask, name: str, role: Role = Role.MEMBER) -> FlaskClient:
    """A browser that a member is signed in with; invited first, if need be."""
    members: Members = app.extensions["segue"].members
    found = members.named(name)
    token = members.reset(found.id) if found else members.invite(name, role)
    client = app.test_client()
    page = client.get(f"/invitations/{token}").text
    answer = client.post(f"/invitations/{token}", data={"csrf_token": hidden(page, "csrf_token"), "password": PASSWORD})
    assert (answer.status_code, answer.headers["Location"]) == (303, "/")
    return client


def press(browser: FlaskClient, address: str, **fields: str) -> TestResponse:
    """Send a form that was really there, with its token."""
    page = browser.get("/sign-in", follow_redirects=True).text
    return browser.post(address, data={"csrf_token": hidden(page, "csrf_token"), **fields}, buffered=True)


def turned_away(answer: TestResponse) -> bool:
    """Whether somebody was sent to sign in first."""
    return answer.status_code == 401 or "/sign-in" in answer.headers.get("Location", "")


@pytest.fixture
def house(app: Flask) -> House:
    """A studio with members and their clips."""
    from tests.web.house import furnished

    return furnished(app)
