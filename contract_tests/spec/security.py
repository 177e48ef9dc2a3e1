"""The security schemes of the contract: where a request carries its credential, and in what form.

The mock server accepts any well-formed credential that does not contain `invalid`, so that nothing
has to be set up and a wrong credential can be tried too.
"""

from __future__ import annotations

import binascii
import re
from base64 import b64decode, b64encode
from enum import StrEnum
from typing import TYPE_CHECKING
from urllib.parse import parse_qsl, urlencode

from attrs import field, frozen

from contract_tests.spec.document import DocumentError
from contract_tests.spec.references import follow, reference_to
from contract_tests.spec.values import Json, join

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from contract_tests.spec.contract import Contract

_VALUE = re.compile(r"[A-Za-z0-9._~+/-]+=*")  # token68 of RFC 9110
# OpenAPI has no field for the word before an API key; the description shows it: `Word <value>`.
_WORD = re.compile(r"`([A-Za-z]+) <\w+>`")
_BASIC, _BEARER = "Basic", "Bearer"
_JWT = re.compile(r"eyJ[\w-]*\.[\w-]+\.[\w-]*")
# Schemes of HTTP whose value is computed for each request.
_COMPUTED = frozenset({"digest", "dpop", "hoba", "mutual", "negotiate", "privatetoken", "vapid"})


class Place(StrEnum):
    """The part of a request that carries the credential."""

    HEADER = "header"
    QUERY = "query"
    COOKIE = "cookie"


@frozen
class RequestParts:
    """The parts of a request that can carry a credential; header names are in lower case."""

    headers: Mapping[str, str] = field(factory=dict)
    query: str = ""


@frozen
class SecurityScheme:
    """One form of credential.

    Attributes:
        place: The part of a request that carries it.
        name: The name of the header, query parameter or cookie.
        word: The word before the value, such as `Bearer`, if any.
    """

    place: Place
    name: str
    word: str | None = None

    @property
    def example(self) -> str:
        """A value that the mock server accepts."""
        return self.value("any")

    def value(self, token: str) -> str:
        """Return the value that carries `token`."""
        token = self.encoded(token)
        return f"{self.word} {token}" if self.word else token

    def encoded(self, token: str) -> str:
        """Return `token` as it is sent: `user:password` of the scheme Basic in base64."""
        if self.word == _BASIC and ":" in token:
            return b64encode(token.encode()).decode()
        return token

    def read(self, request: RequestParts) -> str | None:
        """Return the value in a request, None if it has none."""
        match self.place:
            case Place.HEADER:
                return request.headers.get(self.name.lower())
            case Place.QUERY:
                return dict(parse_qsl(request.query, keep_blank_values=True)).get(self.name)
            case Place.COOKIE:
                return dict(_cookies(request)).get(self.name)

    def write(self, request: RequestParts, value: str | None) -> RequestParts:
        """Return the request with another value, or without any."""
        headers, query = dict(request.headers), request.query
        match self.place:
            case Place.HEADER:
                headers.pop(self.name.lower(), None)
                headers |= {} if value is None else {self.name.lower(): value}
            case Place.QUERY:
                pairs = [pair for pair in parse_qsl(query, True) if pair[0] != self.name]  # noqa: FBT003
                query = urlencode(pairs + ([] if value is None else [(self.name, value)]))
            case Place.COOKIE:
                pairs = [pair for pair in _cookies(request) if pair[0] != self.name]
                pairs += [] if value is None else [(self.name, value)]
                headers.pop("cookie", None)
                headers |= {"cookie": "; ".join(map("=".join, pairs))} if pairs else {}
        return RequestParts(headers, query)

    def accepts(self, request: RequestParts) -> bool:
        """Return whether a request carries a well-formed credential that is not `invalid`."""
        value = self.read(request) or ""
        if self.word is not None:
            word, _, value = value.partition(" ")
            if word.lower() != self.word.lower():
                return False
        elif self.name.lower() == "authorization":
            value = value.rpartition(" ")[2]  # the contract does not say which word is before it
        clear = _decoded(value) if self.word == _BASIC else value
        return _VALUE.fullmatch(value) is not None and "invalid" not in clear.lower()


def schemes(contract: Contract) -> tuple[SecurityScheme, ...]:
    """Return the supported schemes, each of which is enough; none if no credential is required.

    Raises:
        DocumentError: A credential is required, and no alternative is supported.
    """
    return () if {} in _requirements(contract) else optional_schemes(contract)


def optional_schemes(contract: Contract) -> tuple[SecurityScheme, ...]:
    """Return the same, even if a request without a credential is enough."""
    found, problems = [], []
    for requirement in filter(None, _requirements(contract)):
        try:
            found.append(_scheme(contract, requirement))
        except DocumentError as error:
            problems.append(str(error))
    if problems and not found:
        raise DocumentError("; ".join(problems))
    return tuple(found)


def scheme_for(contract: Contract, token: str) -> SecurityScheme | None:
    """Return the scheme by which to send `token`: the first that is supported.

    A JWT is sent as a bearer token where that is an alternative.

    Raises:
        DocumentError: As `schemes` does.
    """
    known = optional_schemes(contract)
    if _JWT.fullmatch(token):
        known = (*(scheme for scheme in known if scheme.word == _BEARER), *known)
    return next(iter(known), None)


def _requirements(contract: Contract) -> Sequence[Mapping[str, Json]]:
    found: Sequence[Mapping[str, Json]] = contract.operation.get(
        "security", contract.flat.get("security", ())
    )
    return found


def _scheme(contract: Contract, requirement: Mapping[str, Json]) -> SecurityScheme:
    if len(requirement) != 1:
        message = f"/security: {' and '.join(requirement)} at once"
        raise DocumentError(f"{message}; expected one scheme for each alternative")
    (name,) = requirement
    location = join("/components/securitySchemes", name)
    scheme, _ = follow(contract.flat, reference_to(location), "/security")
    match scheme:
        case {"type": "http", "scheme": str(word)} if not _is_computed(word):
            return SecurityScheme(Place.HEADER, "Authorization", word.capitalize())
        case {"type": "oauth2" | "openIdConnect"}:
            return SecurityScheme(Place.HEADER, "Authorization", _BEARER)
        case {"type": "apiKey", "in": str(place), "name": str(key)} if place in set(Place):
            shown = _WORD.search(scheme.get("description", ""))
            return SecurityScheme(Place(place), key, shown[1] if shown else None)
    kind = " ".join(str(scheme[key]) for key in ("type", "scheme") if key in scheme)
    raise DocumentError(
        f"{location}: the scheme {kind!r} is not supported; expected http basic or bearer, apiKey, "
        "oauth2 or openIdConnect"
    )


def _is_computed(word: str) -> bool:
    return word.lower() in _COMPUTED or word.lower().startswith("scram")


def _decoded(value: str) -> str:
    try:
        return b64decode(value, validate=True).decode(errors="replace")
    except binascii.Error:
        return value


def _cookies(request: RequestParts) -> list[tuple[str, str]]:
    parts = request.headers.get("cookie", "").split(";")
    return [
        (name, value)
        for name, equals, value in (part.strip().partition("=") for part in parts)
        if equals
    ]
