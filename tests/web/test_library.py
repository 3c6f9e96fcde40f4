"""The library's pages: looked through, put in order, thrown away and taken along."""

from __future__ import annotations

import io
import json
import re
import zipfile
from datetime import UTC, datetime
from html import unescape
from urllib.parse import urlsplit

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from segue import belonging, keeping
from segue.clips import Clips
from segue.library import PAGE
from segue.members import Members
from segue.models import Clip, Role
from segue.parts import Parts
from segue.recipe import Recipe
from tests.places import put
from tests.studio import made
from tests.visitor import hidden
from tests.web.conftest import entered


def _clips(app: Flask) -> Clips:
    clips: Clips = app.extensions["segue"].clips
    return clips


def _queued(app: Flask, prompt: str, member: str | None = None) -> Clip:
    members: Members = app.extensions["segue"].members
    found = members.named(member) if member else None
    return _clips(app).submit(Recipe(prompt), f"{prompt} by {member}", member_id=found.id if found else None)


def _now(app: Flask, clip: Clip) -> Clip:
    found = _clips(app).find(clip.id)
    assert found is not None
    return found


def _press(
    client: FlaskClient, address: str, at: str = "/library", back: str | None = None, **fields: object
) -> TestResponse:
    """Post a form as it stands in the page `at`."""
    token = unescape(re.findall(r'name="csrf_token" value="([^"]+)"', client.get(at).text)[0])
    headers = {"Referer": f"http://localhost{back or at}"}
    return client.post(address, data={"csrf_token": token, **fields}, headers=headers)


def _shown(page: str) -> list[str]:
    return re.findall(r'id="card-(\w+)"', page)


def test_an_empty_library_says_how_it_fills(client: FlaskClient) -> None:
    page = client.get("/library")
    assert page.status_code == 200
    assert "Nothing here yet." in page.text
    assert "The bin is empty." in client.get("/library/bin").text
    assert '<a href="/library"' in page.text


def test_clips_are_found_by_words_and_filters(app: Flask, client: FlaskClient) -> None:
    bells, rain = _queued(app, "bells"), _queued(app, "rain")
    assert _shown(client.get("/library").text) == [rain.id, bells.id]
    assert _shown(client.get("/library?sort=oldest").text) == [bells.id, rain.id]
    assert _shown(client.get("/library?q=bell").text) == [bells.id]
    assert _shown(client.get("/library?state=succeeded").text) == []
    nothing = client.get("/library?q=%22+OR+facets%3A").text
    assert "Nothing like that." in nothing
    assert 'value="&#34; OR facets:"' in nothing
    odd = client.get("/library?before=x&after=%D9%A3&state=no&sort=up&seed=%00&provider=%22").status_code
    assert odd == 200


def test_pages_lead_on_and_back_and_keep_what_was_asked(app: Flask, client: FlaskClient) -> None:
    clips = [_queued(app, f"loop {number}") for number in range(PAGE + 1)]
    first = client.get("/library?q=loop&seed=og_beat").text
    assert _shown(first) == []
    first = client.get("/library?q=loop&state=making").text
    assert len(_shown(first)) == PAGE
    onward = re.search(r'rel="next" href="([^"]+)"', first)
    assert onward
    assert 'rel="prev"' not in first
    second = client.get(unescape(onward[1])).text
    assert _shown(second) == [clips[0].id]
    back = re.search(r'rel="prev" href="([^"]+)"', second)
    assert back
    assert "q=loop" in back[1]
    assert _shown(client.get(unescape(back[1])).text) == _shown(first)


def test_a_heart_is_given_and_taken_back(app: Flask, client: FlaskClient) -> None:
    clip, _ = _queued(app, "bells"), _queued(app, "rain")
    answer = _press(client, f"/clips/{clip.id}/heart", back="/library?q=bells", on=1)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/library?q=bells#card-{clip.id}")
    assert _shown(client.get("/library?hearts=1").text) == [clip.id]
    answer = _press(client, f"/clips/{clip.id}/heart", at=f"/clips/{clip.id}", on=0)
    assert answer.headers["Location"] == f"/clips/{clip.id}#details"
    assert _shown(client.get("/library?hearts=1").text) == []
    assert _press(client, "/clips/nosuchclip/heart", on=1).status_code == 404


def test_a_script_that_gives_a_heart_is_led_back_only_where_it_is_kept(app: Flask) -> None:
    nora, clip = entered(app, "Nora"), _queued(app, "bells", "Nora")
    page, asked = nora.get("/library").text, {"Accept": "application/json"}
    form = {"csrf_token": hidden(page, "csrf_token"), "on": 1}
    assert nora.post(f"/clips/{clip.id}/heart", data=form, headers=asked).status_code == 303
    app.extensions["segue"].members.leave_everywhere(clip.member_id)
    assert nora.post(f"/clips/{clip.id}/heart", data=form, headers=asked).status_code == 401


def test_everybody_has_hearts_of_their_own(app: Flask) -> None:
    nora, ben = entered(app, "Nora"), entered(app, "Ben")
    clip = _queued(app, "bells", "Nora")
    _press(ben, f"/clips/{clip.id}/heart", on=1)
    assert _shown(ben.get("/library?hearts=1").text) == [clip.id]
    assert _shown(nora.get("/library?hearts=1").text) == []
    assert _shown(nora.get("/library?mine=1").text) == [clip.id]
    assert _shown(ben.get("/library?mine=1").text) == []
    assert "<bdi>Nora</bdi>" in ben.get("/library").text


def test_a_clip_goes_to_the_bin_and_back(app: Flask, client: FlaskClient, done: Clip) -> None:
    other = _queued(app, "rain")
    answer = _press(client, "/library/bin", back="/library?q=bells&said=unticked", clip=done.id)
    assert (answer.status_code, answer.headers["Location"]) == (303, f"/library?q=bells&binned={done.id}")
    page = client.get(answer.headers["Location"]).text
    assert "That clip is in the bin" in page
    assert _shown(client.get("/library").text) == [other.id]
    assert _shown(client.get("/library/bin").text) == [done.id]
    for rest in ("/audio", "/spectrogram", "/card", "/embed", "/audio?format=mp3"):
        assert client.get(f"/clips/{done.id}{rest}").status_code == 404, rest
    assert client.get(f"/oembed?url=http://localhost/clips/{done.id}").status_code == 404
    its_page = client.get(f"/clips/{done.id}").text
    assert "Put it back" in its_page
    assert "<audio" not in its_page
    assert "og:audio" not in its_page
    undo = _press(client, "/library/restore", at=answer.headers["Location"], clip=hidden(page, "clip"))
    assert undo.headers["Location"] == "/library?q=bells&said=back"
    assert "Back in the library." in client.get(undo.headers["Location"]).text
    assert client.get(f"/clips/{done.id}/audio", buffered=True).status_code == 200
    assert done.id in _shown(client.get("/library").text)


def test_the_bin_says_until_when_and_what_came_back(app: Flask, client: FlaskClient, done: Clip) -> None:
    leap_day = datetime(2024, 1, 30, 12, tzinfo=UTC).timestamp()
    _clips(app).change(done.id, lambda one: one.bin(leap_day))
    assert "gone on 29 February" in client.get("/library/bin").text
    back = _press(client, "/library/restore", at="/library/bin", clip=done.id)
    assert back.headers["Location"] == "/library/bin?said=back"
    assert "Back in the library." in client.get(back.headers["Location"]).text


def test_what_is_in_the_bin_may_go_for_good_at_once(app: Flask, client: FlaskClient, done: Clip) -> None:
    kept = made(app, Recipe("thunder"))
    _clips(app).bin(done.id)
    gone = _press(client, "/library/bin", at="/library/bin", clip=[done.id, kept.id], for_good="1")
    assert gone.headers["Location"] == "/library/bin?said=gone"
    assert "Gone for good." in client.get(gone.headers["Location"]).text
    assert _clips(app).find(done.id) is None
    assert list(app.extensions["segue"].media.files(keeping.folder(done.id))) == []
    assert _now(app, kept).binned_at is None, "what is on the shelf goes to the bin first"
    none = _press(client, "/library/bin", back="/library/bin", for_good="1")
    assert "Tick at least one" in client.get(none.headers["Location"]).text


def test_nothing_is_deleted_where_the_files_are_another_studios(app: Flask, client: FlaskClient, done: Clip) -> None:
    here: Parts = app.extensions["segue"]
    _clips(app).bin(done.id)
    put(here.media, belonging.MARK, b"another studio")
    kept = _press(client, "/library/bin", at="/library/bin", clip=done.id, for_good="1")
    assert "could be deleted at the moment" in client.get(kept.headers["Location"]).text
    assert _clips(app).find(done.id) is not None
    assert here.media.find(done.audio or "")


def test_nobody_deletes_what_is_not_theirs(app: Flask) -> None:
    owner, ben, ana = (entered(app, name) for name in ("Nora", "Ben", "Ana"))
    theirs = app.extensions["segue"].members.named("Ana")
    made(app, Recipe("on the shelf"))
    clip = _clips(app).submit(Recipe("bells"), "token", member_id=theirs.id)
    _clips(app).bin(clip.id)
    _press(ben, "/library/bin", back="/library/bin", clip=clip.id, for_good="1")
    assert _clips(app).find(clip.id) is not None
    _press(ana, "/library/bin", back="/library/bin", clip=clip.id, for_good="1")
    assert _clips(app).find(clip.id) is None
    other = _clips(app).submit(Recipe("rain"), "another token", member_id=theirs.id)
    _clips(app).bin(other.id)
    _press(owner, "/library/bin", back="/library/bin", clip=other.id, for_good="1")
    assert _clips(app).find(other.id) is None


def test_binning_what_is_being_made_calls_it_off(app: Flask, client: FlaskClient) -> None:
    clip = _queued(app, "rain")
    _press(client, "/library/bin", clip=clip.id)
    assert _now(app, clip).state == "canceled"


def test_nobody_bins_or_brings_back_what_is_not_theirs(app: Flask) -> None:
    entered(app, "Nora")
    ana, ben = entered(app, "Ana"), entered(app, "Ben")
    hers, his = _queued(app, "hers", "Ana"), _queued(app, "his", "Ben")
    answer = _press(ben, "/library/bin", clip=[hers.id, his.id])
    assert _now(app, hers).binned_at is None
    assert _now(app, his).binned_at is not None
    assert "one of them stays" in ben.get(answer.headers["Location"]).text
    alone = _press(ben, "/library/bin", clip=hers.id)
    assert "Only who made it, and owners, can bin it." in ben.get(alone.headers["Location"]).text
    _press(ana, "/library/restore", clip=his.id)
    assert _now(app, his).binned_at is not None
    assert _shown(ana.get("/library/bin").text) == []
    assert "Put it back" not in ana.get(f"/clips/{his.id}").text
    assert _shown(entered(app, "Nora", Role.OWNER).get("/library/bin").text) == [his.id]


@pytest.mark.parametrize("address", ["/library/bin", "/library/restore"])
def test_nothing_ticked_changes_nothing(app: Flask, client: FlaskClient, address: str) -> None:
    clip = _queued(app, "rain")
    answer = _press(client, address)
    assert answer.status_code == 303
    assert _now(app, clip).binned_at is None
    assert _press(client, address, clip=[f"id{number}" for number in range(201)]).status_code == 400
    assert client.post(address, data={"clip": clip.id}).status_code == 400


def test_several_clips_come_as_one_file(app: Flask, client: FlaskClient, done: Clip) -> None:
    other, waiting = made(app, Recipe("rain")), _queued(app, "snow")
    binned = made(app, Recipe("thunder"))
    _clips(app).bin(binned.id)
    ids = [done.id, other.id, waiting.id, binned.id, "nosuchclip", done.id]
    answer = client.get("/library/zip?" + "&".join(f"clip={one}" for one in ids), buffered=True)
    assert (answer.status_code, answer.mimetype) == (200, "application/zip")
    assert int(answer.headers["Content-Length"]) == len(answer.data)
    bundle = zipfile.ZipFile(io.BytesIO(answer.data))
    assert bundle.testzip() is None
    assert {info.compress_type for info in bundle.infolist()} == {zipfile.ZIP_STORED}
    first, second = f"church-bells_to_jazz_a030_94bpm_{done.id[:4]}", f"rain_94bpm_{other.id[:4]}"
    files = [name for name in bundle.namelist() if not name.endswith("/")]
    assert sorted(files) == sorted(
        f"{folder}/{name}" for folder in (first, second) for name in ("audio.flac", "picture.png", "recipe.json")
    )
    recipe = json.loads(bundle.read(f"{first}/recipe.json"))
    assert (recipe["prompt_a"], recipe["alpha"], recipe["take"]) == ("church bells", 0.3, 4)
    assert bundle.read(f"{first}/audio.flac") == client.get(f"/clips/{done.id}/audio", buffered=True).data


def test_there_is_no_file_of_nothing(app: Flask, client: FlaskClient) -> None:
    clip = _queued(app, "rain")
    page = client.get(f"/library/zip?clip={clip.id}", follow_redirects=True)
    assert "None of those clips is ready" in page.text
    assert "Tick the clips you mean first." in client.get("/library/zip", follow_redirects=True).text
    many = "&".join(f"clip=id{number}" for number in range(201))
    assert client.get(f"/library/zip?{many}").status_code == 400


def test_a_clip_is_named_noted_and_tagged(app: Flask, client: FlaskClient, done: Clip) -> None:
    at = f"/clips/{done.id}"
    said = {
        "title": " Sunday \u202e bells ",
        "notes": "for the  café\r\nslowly",
        "tags": "Slow, WET ,slow,, deep  house",
    }
    assert _press(client, f"{at}/details", at=at, **said).status_code == 303
    now = _now(app, done)
    assert (now.own_title, now.notes, now.tags) == ("Sunday bells", "for the café\nslowly", "slow, wet, deep house")
    page = client.get(at).text
    assert "Sunday bells" in page
    assert 'href="/library?tag=deep+house"' in page
    assert _shown(client.get("/library?tag=deep+house").text) == [done.id]
    download = client.get(f"{at}/audio?download", buffered=True).headers["Content-Disposition"]
    assert f"sunday-bells_a030_94bpm_{done.id[:4]}.flac" in download
    _press(client, f"{at}/details", at=at)
    assert _now(app, done).title == "church bells → jazz"


@pytest.mark.parametrize(("field", "limit"), [("title", 120), ("notes", 2000), ("tags", 300)])
def test_too_many_words_are_told_and_kept_in_the_form(
    app: Flask, client: FlaskClient, done: Clip, field: str, limit: int
) -> None:
    at, words = f"/clips/{done.id}", "x" * (limit + 1)
    answer = _press(client, f"{at}/details", at=at, **{field: words})
    assert answer.status_code == 422
    assert f"to {limit} characters" in answer.text
    assert words in answer.text
    assert getattr(_now(app, done), "own_title" if field == "title" else field) == ""
    assert _press(client, f"{at}/details", at=at, **{field: words[1:]}).status_code == 303


def test_only_its_maker_and_owners_describe_a_clip(app: Flask) -> None:
    nora = entered(app, "Nora")
    ana, ben = entered(app, "Ana"), entered(app, "Ben")
    clip = _queued(app, "bells", "Ana")
    at = f"/clips/{clip.id}"
    refused = _press(ben, f"{at}/details", title="mine now")
    assert (refused.status_code, "Only whoever made the clip, or an owner" in refused.text) == (403, True)
    assert 'id="title"' not in ben.get(at).text
    for client, title in ((ana, "hers"), (nora, "the owner's")):
        assert _press(client, f"{at}/details", at=at, title=title).status_code == 303
        assert _now(app, clip).own_title == title


def test_guests_see_the_title_and_nothing_more(app: Flask) -> None:
    entered(app, "Nora")
    clip = made(app, Recipe("bells"))
    _clips(app).change(clip.id, lambda one: one.describe("Sunday", "secret notes", "secret-tag"))
    _clips(app).change(clip.id, lambda one: one.share(True, 1.0))
    page = app.test_client().get(f"/clips/{clip.id}").text
    assert "Sunday" in page
    assert "secret" not in page
    assert "/heart" not in page
    assert "Nora" not in page
    _clips(app).bin(clip.id)
    assert urlsplit(app.test_client().get(f"/clips/{clip.id}").headers["Location"]).path == "/sign-in"


def test_nobody_is_sent_elsewhere(app: Flask, client: FlaskClient) -> None:
    clip = _queued(app, "bells")
    token = unescape(re.findall(r'name="csrf_token" value="([^"]+)"', client.get("/library").text)[0])
    for referrer in (
        "http://evil.example/library?q=x",
        "http://localhost//evil.example/library",
        "http://localhost/clips/a%2fb",
    ):
        answer = client.post(
            f"/clips/{clip.id}/heart", data={"csrf_token": token, "on": 1}, headers={"Referer": referrer}
        )
        assert answer.headers["Location"] == f"/library#card-{clip.id}"


def test_the_studio_leads_to_the_library(app: Flask, client: FlaskClient) -> None:
    _queued(app, "bells")
    page = client.get("/").text
    assert "All in the library" in page
    entered(app, "Nora")
    assert 'href="/library"' not in app.test_client().get("/sign-in").text
