"""Responses that echo the token of a request: each takes a valid body and the token."""

from __future__ import annotations

import html
import json
from base64 import b64encode, urlsafe_b64encode
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import quote

from tests.attacks.behaviors import CHUNKED, chunk
from tests.server import End, response

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from tests.server import Step


def forms(token: str) -> dict[str, str]:
    """Return the forms in which a server, a formatter or a report may write `token`."""
    raw = token.encode()
    return {
        "plain": token,
        "upper case": token.upper(),
        "lower case": token.lower(),
        "reversed": token[::-1],
        "base64": b64encode(raw).decode().rstrip("="),
        "base64 after a scheme": b64encode(b"Token " + raw).decode(),
        "base64 of a pair": b64encode(b"u:" + raw).decode(),
        "base64url": urlsafe_b64encode(raw).decode().rstrip("="),
        "hexadecimal": raw.hex(),
        "hexadecimal in capitals": raw.hex().upper(),
        "percent-encoded": quote(token, safe=""),
        "percent-encoded twice": quote(quote(token, safe=""), safe=""),
        "percent-encoded throughout": "".join(f"%{byte:02X}" for byte in raw),
        "JSON": json.dumps(token)[1:-1],
        "JSON with escaped slashes": json.dumps(token)[1:-1].replace("/", "\\/"),
        "JSON with escapes throughout": "".join(f"\\u{byte:04x}" for byte in raw),
        "repr": repr(token)[1:-1],
        "HTML": html.escape(token),
        "pointer": token.replace("~", "~0").replace("/", "~1"),
    }


def _header(name: str, status: str = "200 OK") -> Callable[[bytes, str], list[Step]]:
    return lambda body, token: [response(body, status, {name: token})]


def _message(status: str, key: str) -> Callable[[bytes, str], list[Step]]:
    return lambda _, token: [response(json.dumps({key: f"bad: {token}"}).encode(), status)]


def _raw(text: str) -> Callable[[bytes, str], list[Step]]:
    """Send `text` with the token at `@` and the body at `#`, and close."""
    return lambda body, token: [
        text.encode("latin-1").replace(b"@", token.encode()).replace(b"#", body),
        End.CLOSE,
    ]


def _changed(change: Callable[[Any, str], Any]) -> Callable[[bytes, str], list[Step]]:
    return lambda body, token: [response(json.dumps(change(json.loads(body), token)).encode())]


def _each(kind: type, value: Any, token: str) -> Any:
    """Put the token in place of each value of a type."""
    if isinstance(value, dict):
        return {key: _each(kind, item, token) for key, item in value.items()}
    if isinstance(value, list):
        return [_each(kind, item, token) for item in value]
    return token if type(value) is kind else value


def _added(value: Any, token: str) -> Any:
    """Add a property of the token's name to each object."""
    if isinstance(value, list):
        return [_added(item, token) for item in value]
    if isinstance(value, dict):
        return {key: _added(item, token) for key, item in value.items()} | {token: {token: token}}
    return value


def _as_form(name: str) -> Callable[[bytes, str], list[Step]]:
    return _changed(lambda value, token: _each(int, value, f"«{forms(token)[name]}»"))


_HEAD = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
ECHOES: Final[Mapping[str, Callable[[bytes, str], list[Step]]]] = {
    **{
        f"header {name}": _header(name)
        for name in (
            "Server",
            "Set-Cookie",
            "Link",
            "X-Request-Id",
            "Content-Type",
            "Content-Encoding",
            "Content-Length",
            "Transfer-Encoding",
            "X-RateLimit-Remaining",
            "X-RateLimit-Reset",
        )
    },
    "header X-RateLimit-Limit of a 429": _header("X-RateLimit-Limit", "429 Slow"),
    "header X-RateLimit-Reset of a 429": _header("X-RateLimit-Reset", "429 Slow"),
    "header Retry-After of a 429": _header("Retry-After", "429 Slow"),
    "header Retry-After of a 503": _header("Retry-After", "503 Busy"),
    "header WWW-Authenticate": _header("WWW-Authenticate", "401 No"),
    "header Location": _header("Location", "302 Found"),
    "host of a Location": lambda body, token: [
        response(body, "302 Found", {"Location": f"http://{token}@127.0.0.1:1/{token}?{token}"})
    ],
    "header's name": _raw(_HEAD + "@: x\r\n\r\n#"),
    "folded header": _raw(_HEAD + "X: y\r\n @\r\n\r\n#"),
    "line without a colon": _raw(_HEAD + "@\r\n\r\n#"),
    "reason of a 200": _raw("HTTP/1.1 200 @\r\n\r\n#"),
    "reason of a 404": _raw("HTTP/1.1 404 @\r\n\r\n#"),
    "reason of a 500": _raw("HTTP/1.1 500 @\r\n\r\n#"),
    "status": _raw("HTTP/1.1 @ OK\r\n\r\n#"),
    "protocol": _raw("@ 200 OK\r\n\r\n#"),
    "banner": _raw("@\r\n\r\n"),
    "103 Early Hints": _raw("HTTP/1.1 103 @\r\nLink: @\r\n\r\n" + _HEAD + "\r\n#"),
    "chunk's size": _raw(CHUNKED.decode() + "\r\n@\r\n"),
    "chunk extension": lambda body, token: [
        CHUNKED + b"\r\n%x;%b\r\n%b\r\n0\r\n\r\n" % (len(body), token.encode(), body)
    ],
    "trailer": lambda body, token: [
        CHUNKED + b"\r\n" + chunk(body) + b"0\r\nX: %b\r\n\r\n" % token.encode()
    ],
    "message of a 401": _message("401 No", "message"),
    "detail of a 403": _message("403 No", "detail"),
    "error of a 404": _message("404 No", "error"),
    "key of a 404": lambda _, token: [response(json.dumps({token: 1}).encode(), "404 No")],
    "message of a 418": _message("418 Teapot", "message"),
    "message of a 429": _message("429 Slow", "message"),
    "message of a 500": _message("500 Oops", "message"),
    "HTML of a 200": lambda _, token: [
        response(f"<h1>{token}</h1>".encode(), content_type="text/html")
    ],
    "no JSON": lambda _, token: [response(token.encode())],
    "JSON string": lambda _, token: [response(json.dumps(token).encode())],
    "JSON list": lambda _, token: [response(json.dumps([token]).encode())],
    "each string": _changed(lambda value, token: _each(str, value, token)),
    "each integer": _changed(lambda value, token: _each(int, value, token)),
    "each boolean": _changed(lambda value, token: _each(bool, value, token)),
    "keys of each object": _changed(_added),
    "a long string that is cut": _changed(
        lambda value, token: _each(int, value, "." * 70 + token + "." * 90)
    ),
    "a curl command": _changed(
        lambda value, token: _each(int, value, f"curl -H 'Authorization: Token {token}'")
    ),
    "a duplicate key": lambda body, token: [
        response(body[:-1] + f", {json.dumps(token)}: 1, {json.dumps(token)}: 2}}".encode())
    ],
    **{f"as {name}": _as_form(name) for name in forms("x") if name != "plain"},
}
