"""Assets: one address an entry, packed, kept for ever."""

from __future__ import annotations

import gzip

import pytest
from flask import url_for
from flask.testing import FlaskClient

from segue.web import assets


def _address(client: FlaskClient, name: str) -> str:
    with client.application.test_request_context():
        return url_for("static", filename=name)


@pytest.mark.parametrize("name", assets.ENTRIES)
def test_an_entry_goes_out_packed_and_says_what_it_is(client: FlaskClient, name: str) -> None:
    address = _address(client, name)
    plain = client.get(address)
    packed = client.get(address, headers={"Accept-Encoding": "br, gzip"})
    assert gzip.decompress(packed.data) == plain.data
    assert len(packed.data) < len(plain.data) / 2
    assert (plain.headers.get("Content-Encoding"), packed.headers["Content-Encoding"]) == (None, "gzip")
    for answer in (plain, packed):
        assert answer.mimetype == ("text/css" if name.endswith(".css") else "text/javascript")
        assert answer.headers["Vary"] == "Accept-Encoding"
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert plain.headers["ETag"] != packed.headers["ETag"]


def test_who_refuses_gzip_gets_it_plain(client: FlaskClient) -> None:
    answer = client.get(_address(client, "css/app.css"), headers={"Accept-Encoding": "gzip;q=0, br"})
    assert "Content-Encoding" not in answer.headers
    assert answer.text.startswith("@layer")


def test_who_has_it_is_told_so(client: FlaskClient) -> None:
    address, gzip_only = _address(client, "js/app.js"), {"Accept-Encoding": "gzip"}
    etag = client.get(address, headers=gzip_only).headers["ETag"]
    again = client.get(address, headers={**gzip_only, "If-None-Match": etag})
    assert (again.status_code, again.data) == (304, b"")


def test_what_an_entry_is_made_of_can_be_read_as_it_was_written(client: FlaskClient) -> None:
    address = _address(client, "js/app.js").replace("app.js", "blend-fader.js")
    answer = client.get(address, buffered=True)
    assert answer.text.startswith("import {")


def test_a_first_visit_is_light(client: FlaskClient) -> None:
    """The pages' own part of the 60 kB; what a browser really moves is measured in benchmarks/weight.py."""
    gzip_only = {"Accept-Encoding": "gzip"}
    addresses = ("/", _address(client, "css/app.css"), _address(client, "js/app.js"))
    assert sum(len(client.get(address, headers=gzip_only).data) for address in addresses) < 45_000
