"""Onward: where to go after signing in."""

from __future__ import annotations

import re

from flask import url_for

OUR_PATH = re.compile(r"/(?![/\\])[\x21-\x5b\x5d-\x7e]*")
"""An address inside this studio: nothing a browser would take for another host."""


def onward(wanted: str | None) -> str:
    """The address that was wanted, if it is one of this studio; else the studio itself."""
    return wanted if wanted and OUR_PATH.fullmatch(wanted) else url_for("studio")
