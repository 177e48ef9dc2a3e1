"""What the hostile server does: a table of named behaviors, each the steps of one response.

`Effect` says what a careful reader may make of it. Behaviors that never end are bounded by the
number of their steps, and end when the client hangs up or the server stops.
"""

from __future__ import annotations

import gzip
import zlib
from enum import Enum
from functools import cache
from itertools import chain, repeat
from typing import TYPE_CHECKING, Final

from attrs import frozen

from tests.server import End, response

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from tests.server import Step

TICK: Final = 0.01
MANY: Final = 100_000
MB: Final = 1_000_000
CHUNKED: Final = (
    b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: chunked\r\n"
)
CONTINUE: Final = b"HTTP/1.1 100 Continue\r\n\r\n"


class Effect(Enum):
    """What a careful reader may make of a behavior."""

    ACCEPT = "the body is valid and whole"
    REFUSE = "the response must be an error"
    EITHER = "HTTP leaves it open, or readers may differ"


@frozen
class Behavior:
    """One response.

    Attributes:
        name: A short name.
        steps: Makes its steps from a body that the reader takes for valid, and another server's
            base URL.
        effect: What a careful reader may make of it.
        stalls: Whether only a deadline ends it.
        large: Whether it is sent to exhaust memory or the processor.
        content: Whether only the content of a whole, well-formed response is wrong.
    """

    name: str
    steps: Callable[[bytes, str], Iterable[Step]]
    effect: Effect
    stalls: bool = False
    large: bool = False
    content: bool = False


def chunk(data: bytes) -> bytes:
    """Return one chunk."""
    return b"%x\r\n%b\r\n" % (len(data), data)


def drip(data: bytes) -> Iterable[Step]:
    """Send `data` one byte at a time."""
    return chain.from_iterable((data[index : index + 1], TICK) for index in range(len(data)))


def forever(piece: bytes) -> Iterable[Step]:
    """Send `piece` again and again."""
    return chain.from_iterable(repeat((piece, TICK), MANY))


@cache
def bomb(layers: int) -> bytes:
    """Return 256 MB of spaces, compressed `layers` times."""
    if layers > 1:
        return gzip.compress(bomb(layers - 1), 9)
    squeeze = zlib.compressobj(1, wbits=31)
    block = b" " * MB
    return b"".join([*(squeeze.compress(block) for _ in range(256)), squeeze.flush()])


@cache
def arrays() -> bytes:
    """Return 32 MB of `[[],[],…`."""
    return b"[" + b"[]," * (32 * MB // 3) + b"[]]"


def _head(status: str, **headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}"]
    lines += [f"{name.replace('_', '-')}: {value}" for name, value in headers.items()]
    return "\r\n".join([*lines, "", ""]).encode("latin-1")


def _stalls() -> Iterable[Behavior]:
    cases: dict[str, Callable[[bytes, str], Iterable[Step]]] = {
        "silence": lambda _b, _u: [60.0],
        "drip of the status line": lambda _b, _u: chain(drip(b"HTTP/1.1 "), forever(b" ")),
        "drip of blank lines": lambda _b, _u: forever(b"\r\n"),
        "drip of a header's name": lambda _b, _u: chain([b"HTTP/1.1 200 OK\r\n"], forever(b"x")),
        "drip of a header's value": lambda _b, _u: chain(
            [b"HTTP/1.1 200 OK\r\nX: "], forever(b"x")
        ),
        "drip of headers": lambda _b, _u: chain([b"HTTP/1.1 200 OK\r\n"], forever(b"X: y\r\n")),
        "drip of 100 Continue": lambda _b, _u: forever(CONTINUE),
        "drip of 103 Early Hints": lambda _b, _u: forever(
            b"HTTP/1.1 103 Early Hints\r\nLink: </>\r\n\r\n"
        ),
        "drip of a body": lambda _b, _u: chain(
            [_head("200 OK", Content_Length="99999")], forever(b" ")
        ),
        "drip of a body without a length": lambda _b, _u: chain([_head("200 OK")], forever(b" ")),
        "drip of chunks": lambda _b, _u: chain([CHUNKED, b"\r\n"], forever(chunk(b" "))),
        "drip of a chunk": lambda _b, _u: chain([CHUNKED, b"\r\nffff\r\n"], forever(b" ")),
        "drip of a chunk's size": lambda _b, _u: chain([CHUNKED, b"\r\n"], forever(b"0")),
        "drip of a chunk extension": lambda _b, _u: chain([CHUNKED, b"\r\n1;x="], forever(b"y")),
        "drip of trailers": lambda b, _u: chain(
            [CHUNKED, b"\r\n", chunk(b), b"0\r\n"], forever(b"X: y\r\n")
        ),
        "drip of gzip": lambda _b, _u: chain(
            [_head("200 OK", Content_Encoding="gzip", Content_Length="99999")],
            drip(gzip.compress(b" ")[:-8]),
            forever(b"\x00"),
        ),
        "drip of an error's body": lambda _b, _u: chain(
            [_head("404 Not Found", Content_Length="99999")], forever(b" ")
        ),
        "silence within the headers": lambda _b, _u: [b"HTTP/1.1 200 OK\r\nX: y\r\n", 60.0],
        "silence after the headers": lambda b, _u: [response(b)[: -len(b)], 60.0],
        "silence within the body": lambda b, _u: [response(b)[:-5], 60.0],
        "silence before the last chunk": lambda b, _u: [CHUNKED, b"\r\n", chunk(b), 60.0],
        "silence within 1xx": lambda _b, _u: [CONTINUE, CONTINUE, 60.0],
    }
    return (Behavior(name, steps, Effect.REFUSE, stalls=True) for name, steps in cases.items())


def _breaks() -> Iterable[Behavior]:
    refused: dict[str, Callable[[bytes], list[Step]]] = {
        "close at once": lambda _: [End.CLOSE],
        "reset at once": lambda _: [End.RESET],
        "half-close at once": lambda _: [End.HALF],
        "close in the status line": lambda _: [b"HTTP/1.1 2", End.CLOSE],
        "close in the headers": lambda _: [b"HTTP/1.1 200 OK\r\nX: y", End.CLOSE],
        "reset in the headers": lambda _: [b"HTTP/1.1 200 OK\r\nX: y\r\n", TICK, End.RESET],
        "close after 100 Continue": lambda _: [CONTINUE, End.CLOSE],
        "close after the headers": lambda body: [response(body)[: -len(body)], End.CLOSE],
        "reset after the headers": lambda body: [response(body)[: -len(body)], TICK, End.RESET],
        "close in the body": lambda body: [response(body)[:-5], End.CLOSE],
        "reset in the body": lambda body: [response(body)[:-5], TICK, End.RESET],
        "half-close in the body": lambda body: [response(body)[:-5], End.HALF],
        "close in a chunk's size": lambda body: [CHUNKED, b"\r\n", chunk(body), b"1", End.CLOSE],
        "close in a chunk": lambda body: [CHUNKED, b"\r\n", chunk(body)[:-7], End.CLOSE],
        "close before the last chunk": lambda body: [CHUNKED, b"\r\n", chunk(body), End.CLOSE],
    }
    for name, steps in refused.items():
        yield Behavior(name, _of_body(steps), Effect.REFUSE)
    allowed: dict[str, Callable[[bytes], list[Step]]] = {
        "close after the body": lambda body: [response(body), End.CLOSE],
        "half-close after the body": lambda body: [response(body), End.HALF],
        "body until the connection closes": lambda body: [
            _head("200 OK", Content_Type="application/json") + body,
            End.CLOSE,
        ],
        "one byte at a time": lambda body: [
            step for step in drip(response(body)) if isinstance(step, bytes)
        ],
        "one byte in each chunk": lambda body: [
            CHUNKED,
            b"\r\n",
            b"".join(chunk(body[index : index + 1]) for index in range(len(body))),
            b"0\r\n\r\n",
        ],
    }
    for name, steps in allowed.items():
        yield Behavior(name, _of_body(steps), Effect.ACCEPT)
    yield Behavior(
        "reset after the body",
        _of_body(lambda body: [response(body), TICK, End.RESET]),
        Effect.EITHER,
    )


def _of_body(steps: Callable[[bytes], Iterable[Step]]) -> Callable[[bytes, str], Iterable[Step]]:
    return lambda body, _: steps(body)


def _lines() -> Iterable[Behavior]:
    """Yield what is wrong before the headers, or instead of HTTP."""
    refused = {
        "SSH": b"SSH-2.0-OpenSSH_9.9\r\n",
        "SMTP": b"220 mail.example ESMTP ready\r\n\r\n",
        "TLS alert": b"\x15\x03\x01\x00\x02\x02\x28",
        "noise": bytes(range(256)) * 8,
        "HTTP/2 preface": b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n",
        "HTTP/2 settings frame": b"\x00\x00\x00\x04\x00\x00\x00\x00\x00",
        "HTTP/2 in the status line": b"HTTP/2 200 OK\r\n\r\n",
        "HTTP/3 in the status line": b"HTTP/3.0 200 OK\r\n\r\n",
        "letters in the status": b"HTTP/1.1 2OO OK\r\n\r\n",
        "status of two digits": b"HTTP/1.1 20 OK\r\n\r\n",
        "status of four digits": b"HTTP/1.1 2000 OK\r\n\r\n",
        "no status": b"HTTP/1.1\r\n\r\n",
        "negative status": b"HTTP/1.1 -20 OK\r\n\r\n",
        "a request instead": b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        "101 Switching Protocols": _head(
            "101 Switching Protocols", Upgrade="h2c", Connection="Upgrade"
        ),
    }
    for name, data in refused.items():
        yield Behavior(name, _of_body(_closing(data)), Effect.REFUSE)
    yield Behavior("HTTP/0.9", _of_body(lambda body: [body, End.CLOSE]), Effect.REFUSE)
    for status in ("000 Zero", "099 Low", "999 High"):
        yield Behavior(f"status {status[:3]}", _of_body(_replying(status=status)), Effect.REFUSE)
    either = {
        "HTTP/1.0": b"HTTP/1.0 200 OK\r\nContent-Type: application/json\r\n\r\n",
        "no reason": b"HTTP/1.1 200\r\nContent-Type: application/json\r\n\r\n",
        "line feeds alone": b"HTTP/1.1 200 OK\nContent-Type: application/json\n\n",
        "blank line first": b"\r\nHTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n",
    }
    for name, head in either.items():
        yield Behavior(name, _of_body(_before(head)), Effect.EITHER)
    yield Behavior(
        "1,000 times 100 Continue",
        _of_body(lambda body: [CONTINUE * 1_000 + response(body)]),
        Effect.EITHER,
    )
    yield Behavior(
        "10 MB of reason",
        _of_body(lambda body: [response(body, "200 " + "x" * 10 * MB)]),
        Effect.REFUSE,
        large=True,
    )
    yield Behavior(
        "endless fast 100 Continue",
        lambda _b, _u: repeat(CONTINUE * 100, MANY),
        Effect.REFUSE,
        stalls=True,
    )


def _closing(data: bytes) -> Callable[[bytes], list[Step]]:
    return lambda _: [data, End.CLOSE]


def _before(head: bytes) -> Callable[[bytes], list[Step]]:
    return lambda body: [head + body, End.CLOSE]


def _replying(
    status: str = "200 OK",
    headers: Mapping[str, str] | None = None,
    content_type: str | None = "application/json",
) -> Callable[[bytes], list[Step]]:
    return lambda body: [response(body, status, headers, content_type)]


def _headers() -> Iterable[Behavior]:
    lines: dict[str, tuple[bytes, Effect]] = {
        "folded header": (b"X: a\r\n b\r\n", Effect.EITHER),
        "header without a colon": (b"nonsense\r\n", Effect.EITHER),
        "space before a colon": (b"X : y\r\n", Effect.EITHER),
        "header without a name": (b": y\r\n", Effect.EITHER),
        "NUL in a header": (b"X: a\x00b\r\n", Effect.EITHER),
        "carriage return in a header": (b"X: a\rb\r\n", Effect.EITHER),
        "Latin-1 in a header": (b"X: caf\xe9\r\n", Effect.EITHER),
        "invalid UTF-8 in a header": (b"X: \xff\xfe\xf0\x80\r\n", Effect.EITHER),
        "letters beyond ASCII in a header's name": (b"X\xe9: y\r\n", Effect.EITHER),
        "escape sequences in a header": (b"X: \x1b]0;owned\x07\r\n", Effect.EITHER),
        "many cookies": (b"Set-Cookie: a=b; Domain=localhost\r\n" * 90, Effect.EITHER),
        "two content types": (b"Content-Type: text/html\r\n", Effect.EITHER),
        "keep-alive for a century": (b"Keep-Alive: timeout=3155760000\r\n", Effect.ACCEPT),
        "Clear-Site-Data and Alt-Svc": (
            b'Clear-Site-Data: "*"\r\nAlt-Svc: h2="elsewhere.invalid:443"\r\n',
            Effect.ACCEPT,
        ),
        "Refresh": (b"Refresh: 0; url=http://elsewhere.invalid/\r\n", Effect.ACCEPT),
    }
    for name, (line, effect) in lines.items():
        yield Behavior(name, _of_body(_with_line(line)), effect)
    yield Behavior(
        "10 MB header", _of_body(_with_line(b"X: " + b"y" * 10 * MB)), Effect.REFUSE, large=True
    )
    yield Behavior(
        "100,000 headers", _of_body(_with_line(b"X: y\r\n" * MANY)), Effect.REFUSE, large=True
    )


def _with_line(line: bytes) -> Callable[[bytes], list[Step]]:
    head = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
    return lambda body: [head + line + b"Content-Length: %d\r\n\r\n" % len(body) + body]


def _lengths() -> Iterable[Behavior]:
    def with_lengths(*values: str) -> Callable[[bytes], list[Step]]:
        lines = "".join(f"Content-Length: {value}\r\n" for value in values)
        head = f"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n{lines}\r\n".encode()
        return lambda body: [head.replace(b"N", b"%d" % len(body)) + body, End.CLOSE]

    for name, values, effect in (
        ("a length that is too small", ("5",), Effect.REFUSE),
        ("a length of 0", ("0",), Effect.REFUSE),
        ("a length that is too large", ("99999",), Effect.REFUSE),
        ("a length of 30 digits", ("1" * 30,), Effect.REFUSE),
        ("a negative length", ("-5",), Effect.REFUSE),
        ("a length in words", ("many",), Effect.REFUSE),
        ("a length with a sign", ("+N",), Effect.EITHER),
        ("a length in hexadecimal", ("0xff",), Effect.REFUSE),
        ("an empty length", ("",), Effect.EITHER),
        ("a list of equal lengths", ("N, N",), Effect.EITHER),
        ("a list of lengths", ("N, 7",), Effect.REFUSE),
        ("two equal lengths, twice", ("N", "N"), Effect.EITHER),
        ("two lengths", ("7", "N"), Effect.REFUSE),
    ):
        yield Behavior(name, _of_body(with_lengths(*values)), effect)


def _chunks() -> Iterable[Behavior]:
    refused: dict[str, bytes] = {
        "a chunk's size in words": b"zz\r\n",
        "a chunk's size with a sign": b"-5\r\n",
        "a chunk's size of 30 digits": b"f" * 30 + b"\r\n",
        "a chunk's size of 0x": b"0x10\r\n",
        "a chunk's size alone on a line feed": b"5\nabcde\r\n",
        "no size": b"\r\n",
        "a chunk that is longer than its size": b"1\r\nabc\r\n0\r\n\r\n",
        "a quoted chunk extension with a line break": b'1;x="\r\n"\r\na\r\n0\r\n\r\n',
    }
    for name, data in refused.items():
        yield Behavior(name, _of_body(_closing(CHUNKED + b"\r\n" + data)), Effect.REFUSE)
    for name, line, effect in (
        ("a length and chunks", b"Content-Length: 5\r\n", Effect.EITHER),
        ("chunked twice", b"Transfer-Encoding: chunked\r\n", Effect.EITHER),
        ("chunked after a tab", b"Transfer-Encoding:\tchunked\r\n", Effect.EITHER),
    ):
        yield Behavior(name, _of_body(_chunked_with(CHUNKED + line)), effect)
    for coding in ("gzip, chunked", "identity", "xchunked", "chunked, gzip"):
        head = f"HTTP/1.1 200 OK\r\nTransfer-Encoding: {coding}\r\n".encode()
        effect = Effect.EITHER if coding == "identity" else Effect.REFUSE
        yield Behavior(f"transfer encoding {coding}", _of_body(_chunked_with(head)), effect)
    yield Behavior(
        "chunk extensions and trailers",
        _of_body(
            lambda body: [
                CHUNKED + b"\r\n%x;a=b;c=d\r\n%b\r\n0\r\nX: y\r\n\r\n" % (len(body), body)
            ]
        ),
        Effect.ACCEPT,
    )
    yield Behavior(
        "10 MB of a chunk extension",
        _of_body(lambda _: [CHUNKED, b"\r\n1;" + b"x" * 10 * MB, End.CLOSE]),
        Effect.REFUSE,
        large=True,
    )
    yield Behavior(
        "100 MB of chunks",
        lambda _b, _u: chain([CHUNKED, b"\r\n"], repeat(chunk(b" " * MB), 100), [b"0\r\n\r\n"]),
        Effect.REFUSE,
        large=True,
    )


def _chunked_with(head: bytes) -> Callable[[bytes], list[Step]]:
    return lambda body: [head + b"\r\n" + chunk(body) + b"0\r\n\r\n", End.CLOSE]


def _smuggling() -> Iterable[Behavior]:
    second = response(b'{"smuggled": true}')
    for name, extra in {
        "a second response": second,
        "a second response without a body": _head("500 Oops"),
        "bytes after the body": b"x" * 100,
        "a line break after the body": b"\r\n",
        "a 408 after the body": _head("408 Request Timeout", Content_Length="0"),
    }.items():
        yield Behavior(name, _of_body(_followed_by(extra)), Effect.ACCEPT)
    yield Behavior(
        "a body in the header block",
        _of_body(lambda body: [b"HTTP/1.1 200 OK\r\n" + body + b"\r\n\r\n", End.CLOSE]),
        Effect.REFUSE,
    )


def _followed_by(extra: bytes) -> Callable[[bytes], list[Step]]:
    return lambda body: [response(body) + extra, End.CLOSE]


def _codings() -> Iterable[Behavior]:
    def coded(encoding: str, squeeze: Callable[[bytes], bytes]) -> Callable[[bytes], list[Step]]:
        return lambda body: [response(squeeze(body), headers={"Content-Encoding": encoding})]

    def same(body: bytes) -> bytes:
        return body

    for name, encoding, squeeze, effect in (
        ("gzip", "gzip", gzip.compress, Effect.EITHER),
        ("x-gzip", "x-gzip", gzip.compress, Effect.EITHER),
        ("identity", "identity", same, Effect.ACCEPT),
        ("gzip in capitals", "GZIP", gzip.compress, Effect.EITHER),
        ("truncated gzip", "gzip", lambda body: gzip.compress(body)[:-12], Effect.REFUSE),
        ("gzip without its checksum", "gzip", lambda body: gzip.compress(body)[:-8], Effect.REFUSE),
        (
            "gzip with a wrong checksum",
            "gzip",
            lambda body: gzip.compress(body)[:-8] + b"\0" * 8,
            Effect.REFUSE,
        ),
        ("gzip and more", "gzip", lambda body: gzip.compress(body) + b"more", Effect.EITHER),
        (
            "gzip in two members",
            "gzip",
            lambda body: gzip.compress(body[:9]) + gzip.compress(body[9:]),
            Effect.EITHER,
        ),
        ("gzip that is plain", "gzip", same, Effect.REFUSE),
        ("plain that is gzip", "identity", gzip.compress, Effect.REFUSE),
        ("empty gzip", "gzip", lambda _: b"", Effect.REFUSE),
        ("deflate", "deflate", zlib.compress, Effect.EITHER),
        ("brotli that is plain", "br", same, Effect.EITHER),
        ("zstd that is plain", "zstd", same, Effect.EITHER),
        ("an unknown coding", "lzma86", same, Effect.EITHER),
        (
            "gzip twice",
            "gzip, gzip",
            lambda body: gzip.compress(gzip.compress(body)),
            Effect.EITHER,
        ),
        ("gzip 200 times", ", ".join(["gzip"] * 200), same, Effect.REFUSE),
    ):
        yield Behavior(name, _of_body(coded(encoding, squeeze)), effect)
    for layers in (1, 2, 3):
        encoding = ", ".join(["gzip"] * layers)
        yield Behavior(
            f"gzip bomb of {layers} layers",
            _of_body(coded(encoding, _bomb(layers))),
            Effect.REFUSE,
            large=True,
        )
    yield Behavior(
        "gzip bomb in chunks",
        lambda _b, _u: [
            CHUNKED + b"Content-Encoding: gzip\r\n\r\n" + chunk(bomb(1)) + b"0\r\n\r\n"
        ],
        Effect.REFUSE,
        large=True,
    )
    yield Behavior(
        "deflate bomb",
        _of_body(coded("deflate", lambda _: zlib.compress(b" " * 200 * MB, 1))),
        Effect.REFUSE,
        large=True,
    )
    yield Behavior(
        "gzip bomb of a 404",
        _of_body(lambda _: [response(bomb(1), "404 Not Found", {"Content-Encoding": "gzip"})]),
        Effect.REFUSE,
        large=True,
    )


def _bomb(layers: int) -> Callable[[bytes], bytes]:
    return lambda _: bomb(layers)


def _redirects() -> Iterable[Behavior]:
    def to(status: str, location: str) -> Callable[[bytes, str], list[Step]]:
        return lambda _, other: [
            response(b"", status, {"Location": location.replace("OTHER", other)})
        ]

    for status in ("301 Moved", "302 Found", "303 See Other", "307 Temporary", "308 Permanent"):
        yield Behavior(f"{status[:3]} to another host", to(status, "OTHER/job"), Effect.REFUSE)
    for name, location in {
        "300 to another host": "OTHER/choices",
        "redirect to file:": "file:///etc/passwd",
        "redirect to https:": "https://127.0.0.1:1/",
        "redirect to the same place": "/job/00000000-0000-0000-0000-000000000000",
        "redirect without a scheme": "//elsewhere.invalid/",
        "redirect with a user": "http://user:password@127.0.0.1:1/",
        "redirect to nonsense": "http://[::1",
        "redirect to nothing": "",
    }.items():
        status = "300 Multiple Choices" if name.startswith("300") else "302 Found"
        yield Behavior(name, to(status, location), Effect.REFUSE)


def _statuses() -> Iterable[Behavior]:
    for status in (
        "201 Created",
        "202 Accepted",
        "203 Odd",
        "206 Partial Content",
        "400 Bad",
        "401 No",
        "402 Pay",
        "403 No",
        "404 No",
        "407 Proxy",
        "418 Teapot",
        "451 Law",
        "500 Oops",
        "503 Busy",
        "520 Odd",
        "599 Odd",
    ):
        yield Behavior(f"status {status[:3]}", _of_body(_replying(status)), Effect.REFUSE)
    for code in ("204 None", "205 Reset", "304 Same"):
        yield Behavior(
            f"status {code[:3]} with a body",
            _of_body(_and_close(code)),
            Effect.REFUSE,
        )
    for name, fields in {
        "429 without a time": {},
        "Retry-After of a million years": {"Retry-After": str(86_400 * 366 * 10**6)},
        "Retry-After beyond a float": {"Retry-After": "9" * 400},
        "Retry-After of 1e309": {"Retry-After": "1e309"},
        "negative Retry-After": {"Retry-After": "-5"},
        "Retry-After of NaN": {"Retry-After": "nan"},
        "Retry-After in the year 9999": {"Retry-After": "Fri, 31 Dec 9999 23:59:59 GMT"},
        "Retry-After in the past": {"Retry-After": "Thu, 01 Jan 1970 00:00:00 GMT"},
        "Retry-After of an impossible date": {"Retry-After": "Mon, 99 Foo 99999 99:99:99 XYZ"},
        "Retry-After in other digits": {"Retry-After": "\xb2\xb3"},
        "X-RateLimit-Reset beyond time": {"X-RateLimit-Reset": "9" * 30},
        "X-RateLimit-Reset before time": {"X-RateLimit-Reset": "-99999999999"},
        "X-RateLimit-Reset in words": {"X-RateLimit-Reset": "tomorrow"},
    }.items():
        yield Behavior(name, _of_body(_replying("429 Slow", fields)), Effect.REFUSE)


def _and_close(status: str) -> Callable[[bytes], list[Step]]:
    return lambda body: [response(body, status), End.CLOSE]


def _bodies() -> Iterable[Behavior]:
    """Yield successes whose body is not the document that was asked for."""
    for name, data in {
        "empty body": b"",
        "spaces": b" \r\n\t ",
        "HTML": b"<!doctype html><title>Sign in</title>",
        "a number": b"5",
        "a string": b'"job"',
        "cut JSON": b'{"id": "7a0f',
        "two values": b"{} {}",
        "a trailing comma": b'{"id": 1,}',
        "a comment": b"// hello\n{",
        "single quotes": b"{'id': 1",
        "invalid UTF-8": b'{"name": "\xff\xfe"}',
        "an overlong NUL": b'{"name": "\xc0\x80"}',
        "UTF-16": '{"id": 1}'.encode("utf-16"),
        "UTF-32": '{"id": 1}'.encode("utf-32"),
        "NaN": b'{"id": NaN}',
        "Infinity": b"[-Infinity, Infinity]",
        "a number beyond a float": b'{"cpu": 1e400}',
        "an integer of 100,000 digits": b'{"cpu": ' + b"9" * 100_000 + b"}",
        "a lone surrogate": rb'{"name": "\ud800"}',
        "duplicate keys": b'{"id": 1, "id": 2}',
        "raw control characters": b'{"name": "\x00\x1b[2J"}',
        "escape sequences": rb'{"message": "\u001b[2J\u001b]0;owned\u0007\r\n::error::owned"}',
        "prototype keys": b'{"__proto__": {"admin": true}, "__class__": "os.system"}',
        "a YAML tag": b"!!python/object/apply:os.system ['true']",
        "a YAML alias": b"a: &a [*a]",
    }.items():
        yield Behavior(name, _of_body(_fixed(data)), Effect.REFUSE, content=True)
    large: dict[str, Callable[[], bytes]] = {
        "deep arrays": lambda: b"[" * MANY + b"]" * MANY,
        "deep objects": lambda: b'{"a":' * MANY + b"1" + b"}" * MANY,
        "32 MB of empty arrays": arrays,
        "10 MB string": lambda: b'{"name": "' + b"x" * 10 * MB + b'"}',
        "100,000 keys": lambda: b"{%b}" % b",".join(b'"%d":{}' % key for key in range(MANY)),
        "2 MB of empty objects": lambda: b"[" + b"{}," * (600_000) + b"{}]",
        "400,000 times NaN": lambda: b'{"a":[' + b"NaN," * 400_000 + b"NaN]}",
        "YAML laughs": _laughs,
    }
    for name, make in large.items():
        yield Behavior(name, _made(make), Effect.REFUSE, large=True, content=True)
    yield Behavior(
        "100,000 more properties",
        _of_body(
            lambda body: [
                response(body[:-1] + b"".join(b',"%d":{}' % key for key in range(MANY)) + b"}")
            ]
        ),
        Effect.EITHER,
        large=True,
        content=True,
    )


def _fixed(data: bytes) -> Callable[[bytes], list[Step]]:
    return lambda _: [response(data)]


def _made(make: Callable[[], bytes]) -> Callable[[bytes, str], list[Step]]:
    return lambda _b, _u: [response(make())]


def _laughs() -> bytes:
    lines = ['a0: &a0 ["ha"]']
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    return "\n".join(lines).encode()


def _table() -> Iterable[Behavior]:
    yield Behavior("honest", _of_body(_replying()), Effect.ACCEPT)
    for media_type in ("text/html", "text/plain", "application/json; charset=utf-16", "nonsense"):
        yield Behavior(
            f"media type {media_type}",
            _of_body(_replying(content_type=media_type)),
            Effect.EITHER,
        )
    yield Behavior("no media type", _of_body(_replying(content_type=None)), Effect.EITHER)
    yield Behavior(
        "byte order mark",
        _of_body(lambda body: [response(b"\xef\xbb\xbf" + body)]),
        Effect.EITHER,
    )
    for group in (
        _stalls,
        _breaks,
        _lines,
        _headers,
        _lengths,
        _chunks,
        _smuggling,
        _codings,
        _redirects,
        _statuses,
        _bodies,
    ):
        yield from group()


BEHAVIORS: Final[Mapping[str, Behavior]] = {behavior.name: behavior for behavior in _table()}
