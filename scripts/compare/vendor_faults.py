"""List the faults of the vendor's document, and write a document without them.

    python -m scripts.compare.vendor_faults DOCUMENT --output corrected.yaml
    python -m scripts.compare.vendor_faults --page docs/vendor-faults.md

The fixes are an OpenAPI Overlay with one extension: `x-expects` is the fault that a target must
have. A fault that the vendor has fixed is reported, so that its entry can be removed.

Exit status: 0 all faults fixed, 4 a fault is gone, 2 usage error, 1 internal error.
"""

from __future__ import annotations

import argparse
import copy
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import jsonpath
import yaml
from attrs import frozen

from contract_tests.oracle import deviations
from contract_tests.spec.document import DocumentError, read
from scripts.compare.fetch import fetch
from scripts.compare.overlay import Action, apply, read_overlay
from scripts.report.text import describe

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.oracle.deviations import Deviations
    from contract_tests.spec.values import Json

PATH = Path(__file__).parents[2] / "openapi" / "vendor-fixes.overlay.yaml"
EXIT_USAGE = 2
EXIT_GONE = 4

HEADER = """\
# Faults of the vendor's document

The faults of this operation in the vendor's OpenAPI document, their effect on validators and
generators, and how this project deals with them. This page is generated from
`openapi/vendor-fixes.overlay.yaml` and `openapi/deviations.yaml` by
`python -m scripts.compare.vendor_faults --page docs/vendor-faults.md`.

To get a document without the faults:

```
python -m scripts.compare.vendor_faults DOCUMENT --output corrected.yaml
```

Any tool for [OpenAPI Overlay 1.0](https://spec.openapis.org/overlay/v1.0.0.html) can apply the
overlay as well. When the vendor fixes a fault, the command ends with status 4 and names the entry
to remove.
"""


@frozen
class Fix:
    """A fix of one fault.

    Attributes:
        action: The overlay's action.
        location: The instance location of the fault.
        effect: What the fault does to validators and generators; empty for a further action.
        expects: Members that the target has because of the fault; null if they are missing.
        line: The line of the action.
    """

    action: Action
    location: str
    effect: str
    expects: Json
    line: int


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command; returns the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.compare.vendor_faults",
        description="List the faults of the vendor's document, and write one without them.",
        epilog="exit status: 0 all faults fixed, 4 a fault is gone, 2 usage error, "
        "1 internal error",
    )
    parser.add_argument("document", nargs="?", metavar="DOCUMENT", help="a path or an https URL")
    parser.add_argument("--output", type=Path, metavar="FILE", help="write the corrected document")
    parser.add_argument("--page", type=Path, metavar="FILE", help="write the list of faults")
    args = parser.parse_args(argv)
    if not (args.document or args.page):
        parser.error("expected DOCUMENT or --page")
    gone: list[Fix] = []
    try:
        fixes = read_fixes(PATH)
        if args.page:
            args.page.write_text(as_markdown(fixes, deviations.load()), encoding="utf-8")
        if args.document:
            data, gone = corrected(fetch(args.document).data, fixes)
            if args.output:
                text = yaml.safe_dump(data, sort_keys=False, allow_unicode=True)
                args.output.write_text(text, encoding="utf-8")
    except (DocumentError, OSError) as error:
        print(f"scripts.compare.vendor_faults: {describe(error)}", file=sys.stderr)
        return EXIT_USAGE
    for fix in gone:
        message = f"{fix.location}: the vendor's document no longer has this fault"
        print(f"{PATH.name}:{fix.line}: {message}; remove the entry")
    return EXIT_GONE if gone else 0


def read_fixes(path: Path) -> list[Fix]:
    """Read the overlay with the fixes.

    Raises:
        DocumentError: It can't be read or is not an overlay.
    """
    overlay, document = read_overlay(path), read(path)
    return [
        Fix(
            action,
            str(node.get("x-location", "")),
            str(node.get("x-effect", "")).strip(),
            node.get("x-expects"),
            document.line(f"/actions/{index}"),
        )
        for index, (action, node) in enumerate(
            zip(overlay.actions, document.data["actions"], strict=True)
        )
    ]


def corrected(data: Json, fixes: Sequence[Fix]) -> tuple[Json, list[Fix]]:
    """Return the data without the faults, and the fixes whose fault is gone.

    Raises:
        DocumentError: A fix does not fit the document.
    """
    fixed = copy.deepcopy(data)
    gone = [fix for fix in fixes if fix.expects is not None and not _has_fault(data, fix)]
    locations = {fix.location for fix in gone}
    apply(fixed, [fix.action for fix in fixes if fix.location not in locations])
    return fixed, gone


def _has_fault(data: Json, fix: Fix) -> bool:
    targets = jsonpath.findall(fix.action.target, data)
    return bool(targets) and all(
        isinstance(target, dict)
        and all(target.get(key) == value for key, value in fix.expects.items())
        for target in targets
    )


def as_markdown(fixes: Sequence[Fix], accepted: Deviations) -> str:
    """Return the page that lists the faults."""
    lines = [HEADER, "## Fixed by the overlay", ""]
    lines += ["| Location | Fault | Effect | Fix |", "| --- | --- | --- | --- |", *_rows(fixes)]
    lines += ["", "## Accepted in the comparison", ""]
    lines.append("Each is an entry of `openapi/deviations.yaml`, with the day on which it expires.")
    lines += ["", "| Location | Divergence | Reason | Expires |", "| --- | --- | --- | --- |"]
    lines += [
        f"| `{entry.location}` | {entry.fields['change']} | {entry.reason} | {entry.expires} |"
        for entry in accepted.compare
    ]
    return "\n".join(lines) + "\n"


def _rows(fixes: Sequence[Fix]) -> Iterator[str]:
    for location in dict.fromkeys(fix.location for fix in fixes):
        group = [fix for fix in fixes if fix.location == location]
        fault, effect = group[0].action.description, group[0].effect
        cure = " ".join(
            dict.fromkeys(fix.action.description for fix in group if fix.expects is None)
        )
        yield f"| `{location}` | {fault} | {effect} | {cure or 'The overlay adds it.'} |"


if __name__ == "__main__":
    sys.exit(main())
