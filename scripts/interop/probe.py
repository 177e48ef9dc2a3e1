"""Decode jobs with generated Python code: `probe.py KIND CASES`, run by the tool's own Python."""

from __future__ import annotations

import json
import sys
from importlib import import_module
from pathlib import Path
from pkgutil import walk_packages
from types import SimpleNamespace
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable


def _stock(modules: list[str], _root: str) -> Callable[[str], Any]:
    package = import_module("client")
    (name,) = (name for name in modules if name.count(".") > 2)  # noqa: PLR2004 - client.api.TAG.NAME
    operation, client = import_module(name), package.Client("http://localhost")

    def decode(body: str) -> Any:
        response = SimpleNamespace(status_code=200, json=lambda: json.loads(body))
        return operation._parse_response(client=client, response=response)  # noqa: SLF001

    return decode


def _openapi_generator(_modules: list[str], root: str) -> Callable[[str], Any]:
    model = getattr(import_module("client.models"), root)
    return model.from_json  # type: ignore[no-any-return]


def _pydantic(_modules: list[str], root: str) -> Callable[[str], Any]:
    model = getattr(import_module("client"), root)
    return model.model_validate_json  # type: ignore[no-any-return]


def main(kind: str, cases: str) -> None:
    """Print as JSON the class of each valid job, null if it is refused, and how many others are."""
    data = json.loads(Path(cases).read_text("utf-8"))
    package = import_module("client")
    modules = [each.name for each in walk_packages(getattr(package, "__path__", ()), "client.")]
    for name in modules:
        import_module(name)
    makers = {"stock": _stock, "openapi_generator": _openapi_generator, "pydantic": _pydantic}
    decode = makers[kind](modules, data["root"])

    def variant(body: str) -> str | None:
        try:
            job = decode(body)
        except Exception:  # noqa: BLE001 - each library has its own
            return None
        for union in ("actual_instance", "root"):  # of openapi-generator and pydantic
            job = getattr(job, union, job)
        return type(job).__name__

    right = sum(variant(body) == name for name, body in data["valid"])
    refused = sum(variant(body) is None for body in data["out_of_range"])
    print(json.dumps({"right": right, "refused": refused}))


if __name__ == "__main__":
    main(*sys.argv[1:])
