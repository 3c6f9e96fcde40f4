"""Installation: the manifest, the worker, the page for when the studio is away."""

from __future__ import annotations

import io
import re
from pathlib import Path

from flask.testing import FlaskClient
from jinja2 import ChoiceLoader, DictLoader
from PIL import Image

from scripts import icons
from segue.recipe import Recipe

STATIC = Path(__file__).parent.parent.parent / "static"


def test_the_manifest_names_icons_that_are_what_it_says(client: FlaskClient) -> None:
    answer = client.get("/manifest.webmanifest")
    assert answer.mimetype == "application/manifest+json"
    facts = answer.get_json(force=True)
    assert (facts["start_url"], facts["scope"], facts["display"]) == ("/", "/", "standalone")
    assert {icon["purpose"] for icon in facts["icons"]} == {"any", "maskable"}
    for icon in facts["icons"]:
        with client.get(icon["src"]) as file:
            assert file.mimetype == icon["type"]
            picture = Image.open(io.BytesIO(file.data))
            assert f"{picture.width}x{picture.height}" == icon["sizes"]


def test_every_page_leads_to_the_manifest(client: FlaskClient) -> None:
    page = client.get("/").text
    assert 'rel="manifest" href="/manifest.webmanifest"' in page
    assert len(re.findall(r'name="theme-color" content="#[0-9a-f]{6}"', page)) == 2


def test_the_worker_stands_at_the_top_and_keeps_what_the_offline_page_needs(client: FlaskClient) -> None:
    answer = client.get("/sw.js")
    assert answer.mimetype == "text/javascript"
    assert answer.headers["Cache-Control"] == "no-cache"
    kept = re.search(r"KEPT = (\[.*?\]);", answer.text)
    assert kept
    page = client.get("/offline")
    assert "out of reach" in page.text
    for address in re.findall(r'rel="stylesheet" href="([^"]+)"', page.text):
        assert f'"{address}"' in kept[1]
        assert client.get(address).status_code == 200
    assert "<script" not in page.text, "there is nobody to run it for"


def test_another_offline_page_is_another_worker(client: FlaskClient) -> None:
    worker = client.get("/sw.js").text
    loader = DictLoader({"offline.html": "<h1>Away</h1>"})
    app = client.application
    app.jinja_env.loader = ChoiceLoader([loader, *filter(None, [app.jinja_env.loader])])
    app.jinja_env.cache = {}
    assert client.get("/sw.js").text != worker


def test_the_icons_are_those_that_the_script_draws() -> None:
    for name, (colours, badge) in icons.TABS.items():
        assert (STATIC / f"{name}.svg").read_text("utf-8") == icons.svg(colours, badge)
    for name, (side, *_) in icons.SCREENS.items():
        with Image.open(STATIC / "icons" / f"{name}.png") as picture:
            assert picture.size == (side, side)


def test_the_icon_in_the_tab_tells_how_the_clip_is_doing(client: FlaskClient) -> None:
    clips = client.application.extensions["segue"].clips
    recipe = Recipe("bells")
    clip = clips.submit(recipe, "token")
    assert "favicon-waiting.svg" in client.get(f"/clips/{clip.id}").text
    clips.advance(clip.id)
    assert "favicon-done.svg" in client.get(f"/clips/{clip.id}").text
    canceled = clips.submit(recipe, "another token")
    clips.cancel(canceled.id)
    assert "favicon.svg" in client.get(f"/clips/{canceled.id}").text
