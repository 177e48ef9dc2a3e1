"""Cut one GET operation out of an OpenAPI 3.0 or 3.1 document, as the start of a contract.

The contract is written to standard output or to a file. Notes on standard error name everything
that the new contract checks less strictly than the document, or leaves out.

Exit status: 0 written; 2 the document or the operation cannot be used.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import yaml

from contract_tests.spec.contract import resolve
from contract_tests.spec.document import DocumentError, parse, read
from contract_tests.spec.values import printable
from scripts.slice.operation import slice_operation

if TYPE_CHECKING:
    from collections.abc import Sequence

    from contract_tests.spec.values import Json

EXIT_USAGE = 2
_OPERATION = re.compile(r"GET\s+(/\S+)", re.IGNORECASE)
# Text that a YAML parser would misread; PyYAML knows YAML 1.1 only.
_AMBIGUOUS = re.compile(r"[-+]?\.?[0-9][0-9eE.+-]*|~|null|true|false|", re.IGNORECASE)


class _Dumper(yaml.SafeDumper):
    def ignore_aliases(self, data: Json) -> bool:
        del data
        return True


def _represent(dumper: yaml.SafeDumper, text: str) -> yaml.ScalarNode:
    style = '"' if _AMBIGUOUS.fullmatch(text) else None
    return dumper.represent_scalar("tag:yaml.org,2002:str", text, style=style)


_Dumper.add_representer(str, _represent)


def main(argv: Sequence[str] | None = None) -> int:
    """Write the contract of one operation; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m scripts.slice",
        description="Start a contract from one GET operation of an OpenAPI document. Notes on "
        "standard error name what the contract leaves out, or checks less strictly.",
        epilog="exit status: 0 written, 2 the document or the operation can't be used",
    )
    parser.add_argument(
        "document", type=Path, metavar="DOCUMENT", help="the path of an OpenAPI document"
    )
    parser.add_argument("operation", metavar="OPERATION", help="such as 'GET /pets/{petId}'")
    parser.add_argument(
        "--output",
        type=Path,
        metavar="FILE",
        help="where to write the contract (default: standard output)",
    )
    args = parser.parse_args(argv)
    try:
        match = _OPERATION.fullmatch(args.operation.strip())
        if match is None:
            raise DocumentError(  # noqa: TRY301
                f"invalid operation {args.operation!r}; expected one such as 'GET /pets/{{petId}}'"
            )
        contract, notes = slice_operation(read(args.document), match[1])
        text = write_yaml(contract)
        warnings = resolve(parse(text.encode(), str(args.output or "contract"))).warnings
        if args.output:
            args.output.write_text(text, encoding="utf-8")
    except (DocumentError, OSError) as error:
        print(f"scripts.slice: {error}", file=sys.stderr)
        return EXIT_USAGE
    for note in (*notes, *warnings):
        print(f"note: {printable(note)}", file=sys.stderr)
    if not args.output:
        sys.stdout.write(text)
    return 0


def write_yaml(data: Json) -> str:
    """Return a document as YAML 1.2, in ASCII if it has invisible characters."""
    text = _dump(data, allow_unicode=True)
    hidden = any(printable(line) != line for line in text.split("\n"))
    return _dump(data, allow_unicode=False) if hidden else text


def _dump(data: Json, *, allow_unicode: bool) -> str:
    dumped: str = yaml.dump(
        data, Dumper=_Dumper, sort_keys=False, allow_unicode=allow_unicode, width=100
    )
    return dumped
