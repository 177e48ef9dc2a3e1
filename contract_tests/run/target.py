"""The server to check: its base URL, its credential and the ids of known jobs."""

from __future__ import annotations

import ipaddress
import re
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import urlsplit
from uuid import UUID

from attrs import field, frozen

from contract_tests.instances.ids import canonical, describe
from contract_tests.run.redactor import Redactor
from contract_tests.spec.security import Place, SecurityScheme, scheme_for, schemes
from contract_tests.spec.settings import FILE, settings_of
from contract_tests.spec.values import printable

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.spec.contract import Contract

# Well-formed but wrong, so that the server looks it up instead of rejecting its format.
_GARBAGE, _BASIC_GARBAGE = "invalid-0000000000000000", "invalid:0000000000000000"
NO_TOKEN = "no-token-was-given"  # noqa: S105 - what a server on loopback gets instead


class TargetError(ValueError):
    """A target that can't be used. The message is one line: what is wrong and what to do."""

    def __init__(self, message: str) -> None:
        """Return the message with invisible characters escaped."""
        super().__init__(printable(message))


@frozen
class Credential:
    """A token that only the transport can read.

    A request carries it as a value such as `Token $VARIABLE`, in the place that the scheme names.

    Attributes:
        scheme: Where a request carries it, and in what form; None if the contract has no security.
        required: Whether a server must refuse a request without it.
        variable: The environment variable that contains it, shown in its place.
    """

    _token: str = field(repr=False)
    scheme: SecurityScheme | None
    required: bool
    variable: str

    @property
    def placeholder(self) -> str:
        """The text shown in place of the token; a shell expands it."""
        return f"${self.variable}"

    @property
    def shown(self) -> str:
        """The value with the placeholder; empty if no credential is sent."""
        optional = not self.required and self._token == NO_TOKEN
        return "" if self.scheme is None or optional else self.scheme.value(self.placeholder)

    @property
    def garbage(self) -> str:
        """A value that a server must refuse; empty if none is sent."""
        if self.scheme is None:
            return ""
        is_basic = self.scheme.word == "Basic"
        return self.scheme.value(_BASIC_GARBAGE if is_basic else _GARBAGE)

    def reveal(self, value: str) -> str:
        """Return a value with the token instead of the placeholder."""
        assert self.scheme is not None
        return value.replace(self.placeholder, self.scheme.encoded(self._token))

    def options(self, value: str) -> str:
        """Return the options of curl that send a value."""
        if not value or self.scheme is None:
            return ""
        name = self.scheme.name
        if value == self.shown and self.scheme.encoded(self._token) != self._token:
            return f' -u "{self.placeholder}"'
        match self.scheme.place:
            case Place.HEADER:
                return f' -H "{name}: {value}"'
            case Place.COOKIE:
                return f' -b "{name}={value}"'
            case Place.QUERY:
                return f' -G --data-urlencode "{name}={value}"'

    @cached_property
    def redactor(self) -> Redactor:
        """Removes the token from received and reported text."""
        return Redactor(self._token, self.placeholder)


def credential(
    contract: Contract, token: str = NO_TOKEN, variable: str | None = None
) -> Credential:
    """Return the credential that carries `token` by the security of the contract.

    Args:
        contract: The contract.
        token: The token.
        variable: The environment variable that holds it, by default that of the contract.

    Raises:
        DocumentError: No alternative of its security is supported.
    """
    name = variable or settings_of(contract).token_variable
    return Credential(token, scheme_for(contract, token), bool(schemes(contract)), name)


@frozen
class Target:
    """The server to check.

    Attributes:
        url: Its base URL, without a trailing slash.
        known_ids: The ids of the jobs that it must return.
        credential: The credential to send.
        embedded: Whether it is the mock server in this process, the only one that ever receives
            methods other than GET.
        organizations: The ids of organizations in which to look for more known jobs.
    """

    url: str
    known_ids: tuple[str, ...]
    credential: Credential
    embedded: bool = False
    organizations: tuple[str, ...] = ()


def live_target(
    contract: Contract,
    url: str,
    known_ids: Iterable[str],
    token: str | None,
    *,
    organizations: Iterable[str] = (),
    variable: str | None = None,
    allow_plain_http: bool = False,
) -> Target:
    """Return the target at `url`.

    Raises:
        TargetError: The URL or an id is invalid, or the token is missing, invalid in a header, or
            would be sent unencrypted.
    """
    url = url.rstrip("/")
    settings = settings_of(contract)
    variable = variable or settings.token_variable
    organizations = tuple(map(organization_id, organizations))
    if organizations and not settings.listings:
        raise TargetError(
            f"no listings that lead from an organization to ids; name them as `listings` in {FILE} "
            "beside the contract, or pass --job-id"
        )
    if "@" in url:
        raise TargetError("the base URL has a user or a password; expected just https://host")
    if not _is_base_url(url):
        raise TargetError(f"invalid base URL {url!r}; expected one such as https://api.example.com")
    parts = urlsplit(url)
    assert parts.hostname is not None
    loopback = is_loopback(parts.hostname)
    if token is None and not loopback and schemes(contract):
        raise TargetError(f"missing token; set {variable} to one that may read the jobs")
    if token is not None and not re.fullmatch(r"[!-~]+", token):
        raise TargetError(f"{variable} has a space or a line break; set it to the token alone")
    if token and parts.scheme == "http" and not (loopback or allow_plain_http):
        raise TargetError(
            f"{url} is not encrypted, so the token could be read on the way; "
            "use https, or pass --allow-plain-http"
        )
    return Target(
        url,
        tuple(dict.fromkeys(canonical_id(contract, text) for text in known_ids)),
        credential(contract, token or NO_TOKEN, variable),
        organizations=organizations,
    )


def _is_base_url(url: str) -> bool:
    """Return whether `url` is an HTTP URL without a user, a query or a fragment."""
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return False
    return (
        url.isascii()
        and parts.scheme in {"http", "https"}
        and bool(parts.hostname)
        and port != 0
        and not re.search(r"[?#\s]", url)
    )


def canonical_id(contract: Contract, text: str) -> str:
    """Return the id in `text` in its canonical form: UUIDs in lower case, with hyphens.

    Raises:
        TargetError: The schema of the operation's parameter does not allow it.
    """
    found = canonical(contract.id_schema, text)
    if found is None:
        raise TargetError(f"invalid job id {text!r}; expected {describe(contract.id_schema)}")
    return found


def organization_id(text: str) -> str:
    """Return a UUID of the vendor's listings in lower case, with hyphens.

    Raises:
        TargetError: It is not a UUID.
    """
    try:
        return str(UUID(text.strip()))
    except ValueError as error:
        message = f"invalid organization id {text!r}; expected a UUID such as {UUID(int=0)}"
        raise TargetError(message) from error


def is_loopback(host: str) -> bool:
    """Return whether `host` is this machine, by name or by address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
