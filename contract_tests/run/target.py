"""Which server is judged, with which credential, and by which known ids."""

from __future__ import annotations

import ipaddress
import re
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote, urlsplit
from uuid import UUID

from attrs import field, frozen

from contract_tests.spec.values import CUT, join

if TYPE_CHECKING:
    from collections.abc import Iterable

    from contract_tests.spec.values import Json

TOKEN_VARIABLE = "QOVERY_API_TOKEN"  # noqa: S105 - the variable's name, not a token
# Stands for the credential everywhere but on the wire, and reads well in a shell.
PLACEHOLDER = f"${TOKEN_VARIABLE}"
# Well-formed and wrong, so that the server has to look it up rather than refuse its shape.
GARBAGE = "Token invalid-0000000000000000"
_STUMP = 6  # characters of a token that are worth hiding by themselves
NO_TOKEN = "no-token-was-given"  # noqa: S105 - what a server on loopback gets instead


class TargetError(ValueError):
    """A target that can't be used. Says what is wrong and what to do, in one line."""


@frozen
class Credential:
    """A token that shows itself to nobody but the wire."""

    _token: str = field(repr=False)

    @property
    def scheme(self) -> str:
        """`Bearer` for a JWT, which people have, `Token` for the tokens of machines."""
        return "Bearer" if re.fullmatch(r"eyJ[\w-]*\.[\w-]+\.[\w-]*", self._token) else "Token"

    @property
    def shown(self) -> str:
        """The value of the Authorization header as people may see it."""
        return f"{self.scheme} {PLACEHOLDER}"

    def reveal(self, authorization: str) -> str:
        """`authorization` with the token where the placeholder stands."""
        return authorization.replace(PLACEHOLDER, self._token)

    def hide(self, value: Json) -> Json:
        """`value` without the token, wherever a server has echoed it."""
        if isinstance(value, str):
            hidden = self._written.sub(PLACEHOLDER, value)
            return self._cut.sub(PLACEHOLDER + CUT, hidden) if CUT in hidden else hidden
        if isinstance(value, list):
            return [self.hide(item) for item in value]
        return value

    @property
    def _forms(self) -> set[str]:
        """The token as servers and reports may write it: plain, in an address, in a pointer."""
        return {self._token, quote(self._token, safe=""), join("", self._token)[1:]}

    @cached_property
    def _written(self) -> re.Pattern[str]:
        """The token, whole and in any case: a media type is reported in lower case."""
        return re.compile("|".join(map(re.escape, self._forms)), re.IGNORECASE)

    @cached_property
    def _cut(self) -> re.Pattern[str]:
        """What is left of the token where a long value was cut."""
        stumps = [
            re.escape(form[:length])
            for form in self._forms
            for length in range(len(form) - 1, _STUMP - 1, -1)
        ]
        return re.compile(f"(?:{'|'.join(stumps) or '(?!)'}){CUT}", re.IGNORECASE)


@frozen
class Target:
    """The server that is judged.

    Attributes:
        url: Its address, without a slash at the end.
        known_ids: The ids that must be answered with a job.
        credential: What it is asked with.
        embedded: Whether it is the mock server that this process started. Only that one may be
            sent other methods than GET.
    """

    url: str
    known_ids: tuple[str, ...]
    credential: Credential
    embedded: bool = False


def live_target(
    url: str, known_ids: Iterable[str], token: str | None, *, allow_plain_http: bool = False
) -> Target:
    """The target at `url`.

    Raises:
        TargetError: The address is none, an id is no uuid, the token can't stand in a header, or
            it would travel unencrypted.
    """
    url = url.rstrip("/")
    if "@" in url:
        raise TargetError("the address holds a user or a password; expected just https://host")
    if not _is_address(url):
        raise TargetError(f"the address {url!r}; expected one such as https://api.example.com")
    parts = urlsplit(url)
    assert parts.hostname is not None
    loopback = is_loopback(parts.hostname)
    if token is None and not loopback:
        raise TargetError(f"no token; set {TOKEN_VARIABLE} to one that may read the jobs")
    if token is not None and not re.fullmatch(r"[!-~]+", token):
        raise TargetError(
            f"{TOKEN_VARIABLE} holds a space or a line break; set it to the token alone"
        )
    if token and parts.scheme == "http" and not (loopback or allow_plain_http):
        raise TargetError(
            f"{url} is not encrypted and the token would be readable on the way; "
            "use https, or say --allow-plain-http"
        )
    return Target(
        url, tuple(dict.fromkeys(map(canonical_id, known_ids))), Credential(token or NO_TOKEN)
    )


def _is_address(url: str) -> bool:
    """Whether `url` is a server's address, without a user, a query or a fragment."""
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


def canonical_id(text: str) -> str:
    """`text` as a hyphenated uuid in lower case.

    Raises:
        TargetError: It is no uuid.
    """
    try:
        return str(UUID(text.strip()))
    except ValueError as error:
        message = f"the job id {text!r} is no uuid; expected one such as {UUID(int=0)}"
        raise TargetError(message) from error


def is_loopback(host: str) -> bool:
    """Whether `host` is this machine, by name or by address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False
