"""Packing: pages go out compressed, unless their length could betray something."""

from __future__ import annotations

import gzip

import pytest
from flask import Flask
from flask.testing import FlaskClient

from segue.clips import Clips
from segue.recipe import Recipe
from tests.visitor import hidden

TAKES_GZIP = {"Accept-Encoding": "gzip, deflate, br"}


def _encoding(client: FlaskClient, address: str, **headers: str) -> str | None:
    return client.get(address, headers={**TAKES_GZIP, **headers}).headers.get("Content-Encoding")


def test_a_page_goes_out_packed(client: FlaskClient) -> None:
    answer = client.get("/offline", headers=TAKES_GZIP)
    assert answer.headers["Content-Encoding"] == "gzip"
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert gzip.decompress(answer.data).decode() == client.get("/offline").text


def test_who_takes_no_gzip_gets_it_plain(client: FlaskClient) -> None:
    answer = client.get("/")
    assert "Content-Encoding" not in answer.headers
    assert "Accept-Encoding" in answer.headers["Vary"]


@pytest.mark.parametrize(
    ("address", "site", "encoding"),
    [
        ("/", None, "gzip"),
        ("/", "cross-site", "gzip"),
        ("/?prompt_a=bells", "same-origin", "gzip"),
        ("/?prompt_a=bells", "none", "gzip"),
        ("/?prompt_a=bells", "same-site", None),
        ("/?prompt_a=bells", "cross-site", None),
        ("/?prompt_a=bells", None, None),
    ],
)
def test_words_that_another_site_may_have_chosen_are_not_packed_with_ours(
    client: FlaskClient, address: str, site: str | None, encoding: str | None
) -> None:
    assert _encoding(client, address, **({"Sec-Fetch-Site": site} if site else {})) == encoding
    if "?" in address:
        assert "Sec-Fetch-Site" in client.get(address).headers["Vary"]


def test_a_form_that_another_site_sent_is_answered_plainly(client: FlaskClient) -> None:
    for site, encoding in (("cross-site", None), ("same-origin", "gzip")):
        answer = client.post("/clips", data={"prompt_a": "x"}, headers={**TAKES_GZIP, "Sec-Fetch-Site": site})
        assert (answer.status_code, answer.headers.get("Content-Encoding")) == (422, encoding)


def test_the_form_still_works_when_pages_are_packed(client: FlaskClient) -> None:
    page = gzip.decompress(client.get("/", headers=TAKES_GZIP).data).decode()
    tokens = {name: hidden(page, name) for name in ("csrf_token", "token")}
    assert client.post("/clips", data={**tokens, "prompt_a": "bells"}, headers=TAKES_GZIP).status_code == 303


def test_polls_and_files_go_out_as_they_are(app: Flask, client: FlaskClient) -> None:
    clips: Clips = app.extensions["segue"].clips
    clip = clips.submit(Recipe("bells"), "token")
    clips.advance(clip.id)
    for part in ("status", "audio", "spectrogram"):
        with client.get(f"/clips/{clip.id}/{part}", headers=TAKES_GZIP) as answer:
            assert answer.status_code == 200
            assert "Content-Encoding" not in answer.headers
            assert answer.headers["ETag"].startswith('"'), "a strong one, so parts of it can be asked for"
