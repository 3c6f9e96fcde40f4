"""Signing in at an issuer: tied to a member by an invitation, and by nothing else."""

from __future__ import annotations

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
import requests
from flask import Flask
from flask.testing import FlaskClient
from joserfc.jwk import RSAKey
from werkzeug.test import TestResponse

from segue.config import Settings
from segue.errors import SettingsError
from segue.members import Members
from segue.web.oidc import PAUSE, _away
from segue.wires import Wire
from tests.servers.issuer import CLIENT, SECRET, Issuer
from tests.serving import PATIENCE
from tests.studio import opened


@pytest.fixture
def issuer() -> Iterator[Issuer]:
    with Issuer() as running:
        yield running


@pytest.fixture
def house(settings: Settings, issuer: Issuer) -> Iterator[Flask]:
    told = {"SEGUE_OIDC_ISSUER": issuer.address, "SEGUE_OIDC_CLIENT_ID": CLIENT, "SEGUE_OIDC_CLIENT_SECRET": SECRET}
    app = opened(Settings.load({"SEGUE_DATA": str(settings.data), **told}))
    yield app
    app.extensions["segue"].database.close()


class Clock:
    """Turned by hand."""

    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(house: Flask) -> Clock:
    """Says when the issuer is asked again."""
    clock = Clock()
    house.extensions["segue.oidc.wire"] = Wire(OSError, _away, PAUSE, clock=clock)
    return clock


def _through(client: FlaskClient, address: str) -> TestResponse:
    """To the issuer and back, as a browser goes."""
    onward = client.get(address)
    assert onward.status_code == 302, onward.text
    returned = requests.get(onward.headers["Location"], allow_redirects=False, timeout=PATIENCE)
    return client.get(returned.headers["Location"])


def _come(house: Flask) -> FlaskClient:
    members: Members = house.extensions["segue"].members
    client = house.test_client()
    page = client.get(f"/invitations/{(token := members.invite('Nora'))}").text
    assert "Come in with 127.0.0.1" in page
    assert _through(client, f"/sign-in/oidc?invitation={token}").headers["Location"] == "/"
    return client


def test_an_invitation_ties_an_account_elsewhere_to_a_member(house: Flask) -> None:
    client = _come(house)
    assert "<bdi>Nora</bdi>" in client.get("/").text
    again = house.test_client()
    assert _through(again, "/sign-in/oidc?next=/me").headers["Location"] == "/me"
    assert again.get("/me").status_code == 200


def test_whom_the_issuer_knows_is_no_member_for_that(house: Flask, issuer: Issuer) -> None:
    _come(house)
    issuer.subject = "somebody-else"
    client = house.test_client()
    answer = _through(client, "/sign-in/oidc")
    assert answer.status_code == 403
    assert "not a member yet" in answer.text
    assert client.get("/me").status_code == 303


def test_a_spent_invitation_and_an_account_of_somebody_elses_tie_nothing(house: Flask, issuer: Issuer) -> None:
    members: Members = house.extensions["segue"].members
    token = members.invite("Nora")
    assert _through(house.test_client(), f"/sign-in/oidc?invitation={token}").status_code == 303
    issuer.subject = "eve-1"
    assert _through(house.test_client(), f"/sign-in/oidc?invitation={token}").status_code == 403
    issuer.subject = "nora-1"
    assert _through(house.test_client(), f"/sign-in/oidc?invitation={members.invite('Ben')}").status_code == 403


@pytest.mark.parametrize(
    "lie",
    [
        {"aud": "another studio"},
        {"iss": "https://evil.example"},
        {"nonce": "replayed"},
        {"exp": 1_700_000_000},
    ],
)
def test_a_word_that_does_not_hold_lets_nobody_in(house: Flask, issuer: Issuer, lie: dict[str, object]) -> None:
    _come(house)
    issuer.claims = lie
    answer = _through(house.test_client(), "/sign-in/oidc")
    assert answer.status_code == 403
    assert "did not come to terms" in answer.text


def test_a_strangers_signature_lets_nobody_in(house: Flask, issuer: Issuer) -> None:
    _come(house)
    issuer.signs_with = RSAKey.generate_key(2048, {"kid": "first", "alg": "RS256"})
    assert _through(house.test_client(), "/sign-in/oidc").status_code == 403


def test_an_answer_nobody_here_asked_for_lets_nobody_in(house: Flask) -> None:
    """Login CSRF: a code and a state from somebody else's browser."""
    _come(house)
    attacker, victim = house.test_client(), house.test_client()
    location = attacker.get("/sign-in/oidc").headers["Location"]
    back = requests.get(location, allow_redirects=False, timeout=PATIENCE).headers["Location"]
    assert victim.get(back).status_code == 403
    assert victim.get("/me").status_code == 303


def test_an_issuer_that_is_away_is_said_so(house: Flask, issuer: Issuer) -> None:
    issuer.__exit__(None, None, None)
    answer = house.test_client().get("/sign-in/oidc")
    assert answer.status_code == 503
    assert "did not come to terms" in answer.text


def test_after_somebody_asked_the_issuer_in_vain_the_others_are_told_at_once(
    house: Flask, issuer: Issuer, clock: Clock
) -> None:
    issuer.speaks.clear()
    assert house.test_client().get("/sign-in/oidc").status_code == 503, "it waited in vain"
    issuer.asked.clear()
    answers = [house.test_client().get("/sign-in/oidc") for _ in range(3)]
    assert [answer.status_code for answer in answers] == [503] * 3
    assert "did not come to terms" in answers[0].text
    assert not issuer.asked.is_set()
    issuer.speaks.set()
    clock.now += PAUSE
    assert house.test_client().get("/sign-in/oidc").status_code == 302


def test_two_who_sign_in_at_once_both_get_there(house: Flask) -> None:
    with ThreadPoolExecutor(8) as pool:
        answers = list(pool.map(lambda _: house.test_client().get("/sign-in/oidc"), range(8)))
    assert [answer.status_code for answer in answers] == [302] * 8


def test_whoever_comes_back_from_an_issuer_that_fell_silent_holds_nobody_up(
    house: Flask, issuer: Issuer, clock: Clock
) -> None:
    browsers = [house.test_client() for _ in range(3)]
    places = [browser.get("/sign-in/oidc").headers["Location"] for browser in browsers]
    back = [requests.get(place, allow_redirects=False, timeout=PATIENCE).headers["Location"] for place in places]
    issuer.speaks.clear()
    assert browsers[0].get(back[0]).status_code == 503, "it waited in vain"
    issuer.asked.clear()
    assert [browser.get(address).status_code for browser, address in zip(browsers, back, strict=True)] == [503] * 3
    assert not issuer.asked.is_set()
    issuer.speaks.set()


def test_without_an_issuer_there_is_no_such_address(client: FlaskClient) -> None:
    assert client.get("/sign-in/oidc").status_code == 404
    assert client.get("/sign-in/oidc/back").status_code == 404


def test_half_of_the_settings_is_refused() -> None:
    with pytest.raises(SettingsError, match="SEGUE_OIDC_CLIENT_SECRET"):
        Settings.load({"SEGUE_OIDC_ISSUER": "https://id.example.org"})
