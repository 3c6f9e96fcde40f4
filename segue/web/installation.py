"""Installation: the studio as an app on somebody's own screen: manifest, worker, the page for when it is away."""

from __future__ import annotations

import hashlib

from flask import Response, json, render_template, url_for

GROUND = "#111110"
"""The page's ground in the dark, which is how an app's window opens."""
ICONS = (("icon-192.png", 192, "any"), ("icon-512.png", 512, "any"), ("icon-maskable-512.png", 512, "maskable"))


def manifest() -> Response:
    """GET /manifest.webmanifest: what a device that keeps the studio as an app wants to know."""
    facts = {
        "id": url_for("studio"),
        "name": "Segue",
        "short_name": "Segue",
        "description": "Blend two sounds into a clip.",
        "lang": "en",
        "categories": ["music"],
        "start_url": url_for("studio"),
        "scope": url_for("studio"),
        "display": "standalone",
        "background_color": GROUND,
        "theme_color": GROUND,
        "icons": [
            {
                "src": url_for("static", filename=f"icons/{name}"),
                "type": "image/png",
                "sizes": f"{size}x{size}",
                "purpose": purpose,
            }
            for name, size, purpose in ICONS
        ],
    }
    return _fresh(json.dumps(facts), "application/manifest+json")


def worker() -> Response:
    """GET /sw.js: the service worker. It stands at the top, since a worker answers only for what lies below it."""
    kept = [url_for("offline"), url_for("static", filename="css/offline.css")]
    edition = hashlib.sha256(offline().encode()).hexdigest()[:12]
    return _fresh(render_template("sw.js", kept=kept, edition=edition), "text/javascript")


def offline() -> str:
    """GET /offline: what the worker shows when the studio cannot be reached."""
    return render_template("offline.html")


def _fresh(text: str, media_type: str) -> Response:
    """An answer that browsers keep, but ask after each time."""
    response = Response(text, mimetype=media_type)
    response.cache_control.no_cache = True
    return response
