"""Usage: for owners, who ran how much, and what it may have cost."""

from __future__ import annotations

import time
from functools import partial

from flask import render_template

from segue import limits, usage
from segue.parts import parts


def index() -> str:
    """GET /usage: the last twelve months, as a table and a small chart."""
    here, now = parts(), time.time()
    rows = usage.used(here.database, now)
    months = usage.by_month(rows, now)
    money = any(month.spent for month in months)
    peak = max(months, key=lambda month: month.spent if money else month.runs)
    return render_template(
        "usage/index.html",
        rows=rows,
        months=months,
        money=money,
        peak=peak,
        amount=partial(limits.money, here.settings.currency),
        fill=here.storage.fill(),
    )
