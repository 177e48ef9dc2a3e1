"""What an OpenAPI document has no place for: names, and the listings that lead to ids.

`generator.yaml` beside the contract has them; without it, names follow from the contract's title.
"""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.spec.document import DocumentError, read

if TYPE_CHECKING:
    from contract_tests.spec.contract import Contract
    from contract_tests.spec.values import Json

FILE = "generator.yaml"
_NAMES = {
    "distribution": re.compile(r"[a-z][a-z0-9-]*"),
    "summary": re.compile(r".+"),
    **dict.fromkeys(
        ("token_variable", "url_variable", "ids_variable"), re.compile(r"[A-Z_][A-Z0-9_]*")
    ),
}
_LISTING = re.compile(r"/[^{}]*\{id\}[^{}]*")
_LEVELS = 3


@frozen
class Settings:
    """Names of the client and of the drift check.

    Attributes:
        distribution: The name of the client's distribution; its package has underscores.
        summary: What the client is, as a sentence.
        token_variable: The environment variable of the token.
        url_variable: The environment variable of the server's URL.
        ids_variable: The environment variable of known ids.
        listings: The paths, with `{id}`, of the listings of an organization's projects, of a
            project's environments, and of an environment's resources; empty if there are none.
    """

    distribution: str
    summary: str
    token_variable: str
    url_variable: str
    ids_variable: str
    listings: tuple[str, ...] = ()

    @property
    def package(self) -> str:
        """The name of the client's package."""
        return self.distribution.replace("-", "_")


def settings_of(contract: Contract) -> Settings:
    """Return the settings of a contract.

    Raises:
        DocumentError: The file has an invalid entry.
    """
    slug = re.sub(r"[^a-z0-9]+", "-", contract.title.lower()).strip("-")
    slug = slug if re.match("[a-z]", slug) else f"api-{slug}".strip("-")
    prefix = slug.upper().replace("-", "_")
    values: dict[str, Json] = {
        "distribution": f"{slug}-client",
        "summary": f"A typed client for one operation: GET {contract.path}.",
        "token_variable": f"{prefix}_TOKEN",
        "url_variable": f"{prefix}_URL",
        "ids_variable": f"{prefix}_IDS",
        "listings": [],
    }
    path = Path(contract.document.name).with_name(FILE)
    if path.is_file():
        values |= read_settings(path)
    return Settings(**{**values, "listings": tuple(values["listings"])})


def read_settings(path: Path) -> dict[str, Json]:
    """Return the names in a file; raises as `settings_of` does."""
    document = read(path)
    values = document.data.get("client", {})
    if not isinstance(values, dict):
        raise DocumentError(f"{path}:{document.line('/client')}: client: expected an object")
    for name, value in values.items():
        where = f"{path}:{document.line(f'/client/{name}')}: client/{name}"
        if name == "listings":
            if (
                not isinstance(value, list)
                or len(value) not in {0, _LEVELS}
                or not all(isinstance(each, str) and _LISTING.fullmatch(each) for each in value)
            ):
                raise DocumentError(f"{where}: expected three paths, each with {{id}}")
        elif name not in _NAMES:
            raise DocumentError(f"{where}: unknown; expected {', '.join(_NAMES)} or listings")
        elif not isinstance(value, str) or not _NAMES[name].fullmatch(value):
            raise DocumentError(f"{where}: {value!r}; expected {_NAMES[name].pattern}")
    return values
