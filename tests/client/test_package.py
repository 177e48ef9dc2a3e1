"""The package as importers see it: its names, its types, the cost of an import."""

from __future__ import annotations

import ast
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

import qovery_job_client
from contract_tests.spec.contract import Contract, load
from contract_tests.spec.schema import walk
from scripts.generate.annotations import class_name

ROOT = Path(qovery_job_client.__file__).parent
REPOSITORY = ROOT.parent.parent
PYRIGHT = REPOSITORY / "tools" / "node_modules" / ".bin" / "pyright"
SCHEMAS = "/components/schemas"
CONSUMER = Path(__file__).parent / "consumer.py"


def components(contract: Contract) -> set[str]:
    """Return the schemas of the contract that the success response uses."""
    names = {
        name
        for schema in walk(contract.job)
        for name in (schema.location.rpartition("/")[2], schema.name)
    }
    defined = contract.document.data["components"]["schemas"]
    used = {name for name in defined if f'/{name}"' in json.dumps(defined)}
    classes = {name for name, schema in defined.items() if has_class(schema)}
    return ((names | used) & classes) | inline(contract)


def has_class(schema: dict[str, object]) -> bool:
    """Return whether a component is a class: an object without properties is a mapping."""
    return any(schema.get(keyword) for keyword in ("properties", "enum", "oneOf", "allOf"))


def inline(contract: Contract) -> set[str]:
    """Return the classes of objects and enums that are not components."""
    schemas = [each for each in walk(contract.job) if f"{SCHEMAS}/{each.name}" != each.location]
    objects = [each for each in schemas if each.properties or "enum" in each.assertions]
    return {class_name(each.name) for each in objects if "/properties/" in each.location}


EXPORTS = {
    *("CONTRACT_SHA256", "UNSET", "Unset", "__version__", "get_job", "decode_job"),
    *("AuthenticatedClient", "Client", "InsecureTransportWarning", "Response", "Retries"),
    *("ApiError", "BodyError", "ContractViolationError", "ForbiddenError", "NotFoundError"),
    *("RateLimitError", "ServerError", "StatusError", "TransportError", "TransportTimeoutError"),
    *("UnauthorizedError", "UnexpectedStatusError"),
    *("CallOptions", "Many", "Model", "OpenEnum", "Operation", "Options", "RateLimit"),
    "Result",
    *("UnknownJob", *components(load())),
}


def run(code: str) -> str:
    """What a new interpreter prints for `code`."""
    environment = {**os.environ, "PYTHONPATH": str(ROOT.parent)}
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, text=True, check=True, env=environment
    )
    return done.stdout


def test_exported_names_are_these() -> None:
    """Adding or removing a name is a decision, because importers depend on them."""
    assert set(qovery_job_client.__all__) == EXPORTS
    assert sorted(dir(qovery_job_client)) == sorted(EXPORTS)


@pytest.mark.parametrize("name", sorted(EXPORTS - {"CONTRACT_SHA256", "__version__"}))
def test_exported_name_is_there_and_documented(name: str) -> None:
    """Each is loaded on first access, and has a docstring."""
    value = getattr(qovery_job_client, name)

    assert name in {"UNSET", "Job", "JobSource"} or value.__doc__


def test_unknown_name_is_an_attribute_error() -> None:
    """A misspelled name fails as in any module."""
    with pytest.raises(AttributeError, match="Cronjob"):
        _ = qovery_job_client.Cronjob


def test_version_and_contract_are_the_ones_in_the_document() -> None:
    """The package has the version of its contract, on one line that build tools read."""
    contract = load()
    lines = (ROOT / "__init__.py").read_text().splitlines()

    assert qovery_job_client.__version__ == contract.version
    assert contract.document.sha256 == qovery_job_client.CONTRACT_SHA256
    assert f'__version__ = "{contract.version}"' in lines
    assert f'CONTRACT_SHA256 = "{contract.document.sha256}"' in lines


def test_import_loads_next_to_nothing() -> None:
    """Neither httpx nor attrs, and decoding loads no httpx."""
    heavy = "print([name for name in ('httpx', 'attr', 'json', 'uuid') if name in sys.modules])"

    alone = run(f"import sys, qovery_job_client; {heavy}")
    decoding = run(f"import sys; from qovery_job_client import decode_job; {heavy}")
    client = run(
        f"import sys; from qovery_job_client import AuthenticatedClient as C; C('x'); {heavy}"
    )

    assert alone.strip() == "[]"
    assert "httpx" not in decoding
    assert "httpx" not in client


def test_package_is_typed_and_small() -> None:
    """`py.typed` is there, and the sources have room for a larger contract within 150 kB."""
    assert (ROOT / "py.typed").is_file()
    assert sum(path.stat().st_size for path in ROOT.rglob("*.py")) < 150_000


def test_imports_follow_the_arrows() -> None:
    """`api` and `models` import the runtime, never the other way round."""
    for path in ROOT.glob("*.py"):
        if path.name in {"__init__.py", "client.py", "operations.py"}:
            continue
        imported = [
            node.module or ""
            for node in ast.walk(ast.parse(path.read_text()))
            if isinstance(node, ast.ImportFrom) and node.level
        ]
        assert not [name for name in imported if name.startswith(("models", "api"))], path


def test_runtime_and_templates_know_no_property_of_the_contract() -> None:
    """They would serve another contract as well: they contain no property name."""
    flat = json.dumps(load().flat["components"]["schemas"])
    names = set(re.findall(r'"(\w+_\w+)": \{', flat))
    sources = REPOSITORY / "openapi"
    files = [*(sources / "runtime").glob("*.py"), *(sources / "templates").iterdir()]

    found = {
        (path.name, name) for path in files for name in names if name in path.read_text("utf-8")
    }

    assert len(names) > 40
    assert found == set()


@pytest.mark.slow
@pytest.mark.skipif(not PYRIGHT.exists(), reason="pyright is not installed: npm ci in tools/")
def test_pyright_is_content_with_package_and_consumer(tmp_path: Path) -> None:
    """It is strict, for the package and for a consumer that distinguishes every variant."""
    settings = {
        "include": [os.path.relpath(path, tmp_path) for path in (ROOT, CONSUMER)],
        "extraPaths": [os.path.relpath(ROOT.parent, tmp_path)],
        "typeCheckingMode": "strict",
        "pythonVersion": "3.11",
    }
    config = tmp_path / "pyrightconfig.json"
    config.write_text(json.dumps(settings))

    done = subprocess.run(
        [str(PYRIGHT), "--project", str(config), "--pythonpath", sys.executable],
        capture_output=True,
        text=True,
        check=False,
    )

    assert done.returncode == 0, done.stdout


@pytest.mark.slow
def test_mypy_is_content_with_the_consumer(tmp_path: Path) -> None:
    """It is strict, and does not use the project's settings."""
    done = subprocess.run(
        [
            *(sys.executable, "-m", "mypy", "--strict", "--config-file="),
            *("--cache-dir", str(tmp_path), "--no-namespace-packages", str(CONSUMER)),
        ],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, "MYPYPATH": str(ROOT.parent)},
    )

    assert done.returncode == 0, done.stdout
