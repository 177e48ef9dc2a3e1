"""One HTML page that holds everything: no script, and nothing asked of any network.

The page's own policy forbids both, so text of a server that got through the escaping could still
neither run nor load anything.
"""

from __future__ import annotations

import base64
import hashlib
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING, TextIO

import jinja2
from markupsafe import Markup

from scripts.report import chart
from scripts.report.facts import by_schema, count, facts_of, headline
from scripts.report.text import plural, show, visible

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.run.result import Run
    from contract_tests.spec.contract import Contract
    from scripts.report.history import Entry

_FOLDER = Path(__file__).parent
MOST = 500


def render(run: Run, contract: Contract, past: Sequence[Entry], out: TextIO) -> None:
    """Write `run` as a page; `past` are the runs to chart, the oldest first, this one last."""
    style = (_FOLDER / "page.css").read_text(encoding="utf-8")
    digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
    deciding = facts_of((f for f in run.findings if f.deviation is None), contract)
    accepted = facts_of((f for f in run.findings if f.deviation is not None), contract)
    schemas = by_schema(run.coverage)
    environment = jinja2.Environment(
        loader=jinja2.FileSystemLoader(_FOLDER),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    environment.filters.update(visible=visible, show=show)
    environment.globals.update(plural=plural)
    template = environment.get_template("page.html.jinja")
    out.write(
        template.render(
            run=run,
            style=Markup(style),  # noqa: S704 - our own file
            policy=f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; "
            "form-action 'none'",
            headline=headline(run),
            counts=count(run),
            share=run.coverage.ratio,
            deciding=deciding[:MOST],
            distinct=len(deciding),
            accepted=accepted[:MOST],
            jobs=sorted(run.jobs, key=lambda job: -job.findings),
            variants=sorted(Counter(job.variant or "not judged" for job in run.jobs).items()),
            weak=[schema for schema in schemas if schema.unexercised],
            proved=[schema for schema in schemas if not schema.unexercised],
            chart=chart,
            drawing=chart.draw(past),
        )
    )
