"""Packages generated from small contracts, imported in a new interpreter each."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import TYPE_CHECKING, Any

from scripts.generate.command import main

if TYPE_CHECKING:
    from pathlib import Path


def contract(schemas: dict[str, Any], **changes: Any) -> dict[str, Any]:
    """A contract of one operation, which returns the schema `Thing`."""
    parameter = {"name": "thingId", "in": "path", "required": True, "schema": {"type": "string"}}
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Thing"}}}
    operation = {
        "operationId": "getThing",
        "tags": ["thing"],
        "parameters": [parameter],
        "responses": {"200": {"description": "The thing.", "content": content}},
    }
    return {
        "openapi": "3.1.0",
        "info": {"title": "Things", "version": "0.1.0"},
        "servers": [{"url": "https://things.example"}],
        "paths": {"/thing/{thingId}": {"get": operation}},
        "components": {"schemas": schemas},
        **changes,
    }


def write(document: dict[str, Any], folder: Path) -> Path:
    """The contract as a file."""
    path = folder / "contract.json"
    # Not all ASCII: YAML reads no pair of surrogates. U+2028 by itself ends its lines.
    source = json.dumps(document, ensure_ascii=False).replace("\u2028", "\\u2028")
    path.write_text(source, encoding="utf-8")
    return path


def generate(document: dict[str, Any], folder: Path) -> Path:
    """The package generated from `document`: `folder`/things."""
    output = folder / "things"
    assert main(["--contract", str(write(document, folder)), "--output", str(output)]) == 0
    return output


def run(package: Path, code: str) -> str:
    """What a new interpreter prints for `code`, with every module of the package imported."""
    whole = (
        "import importlib, pkgutil, things\n"
        "for module in pkgutil.walk_packages(things.__path__, 'things.'):\n"
        "    importlib.import_module(module.name)\n"
    ) + code
    done = subprocess.run(
        [sys.executable, "-W", "error", "-c", whole],
        capture_output=True,
        text=True,
        check=False,
        env={"PYTHONPATH": str(package.parent), "PYTHONDONTWRITEBYTECODE": "1"},
    )
    assert done.returncode == 0, done.stderr
    return done.stdout
