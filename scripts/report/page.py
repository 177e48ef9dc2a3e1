"""The HTML report: a single page without scripts or external resources.

Its content security policy forbids both, in case text from a server gets through the escaping.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

import jinja2
from markupsafe import Markup

from scripts.report import advice, chart
from scripts.report.history import CHARTED, entry_of
from scripts.report.places import by_schema
from scripts.report.text import plural, show, visible

if TYPE_CHECKING:
    from scripts.report.summary import Report

_FOLDER = Path(__file__).parent
MAX_FACTS = 500


def render(report: Report) -> str:
    """Return the report as a page."""
    run = report.run
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    schemas = by_schema(run.coverage)
    return _template().render(
        run=run,
        report=report,
        style=Markup(style),  # noqa: S704 - our own file
        policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
        "form-action 'none'",
        facts=report.facts[:MAX_FACTS],
        accepted=report.accepted[:MAX_FACTS],
        flaky=report.flaky[:MAX_FACTS],
        jobs=sorted(run.jobs, key=lambda job: -job.findings),
        variants=sorted(Counter(job.variant or "not checked" for job in run.jobs).items()),
        weak=[schema for schema in schemas if schema.uncovered],
        full=[schema for schema in schemas if not schema.uncovered],
        chart=chart,
        drawing=chart.draw([*report.past, entry_of(report)][-CHARTED:]),
    )


@cache
def _template() -> jinja2.Template:
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(visible=visible, show=show)
    environment.globals.update(plural=plural, link=advice.link)
    return environment.get_template("page.html.jinja")
