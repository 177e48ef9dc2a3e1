"""A body without a fault is read on a short way; it must never say other than the careful one."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contract_tests.oracle import json_body as strict_json
from contract_tests.oracle.json_body import MAX_DEPTH, Unreadable, parse
from tests.oracle.instances import PAYLOADS

if TYPE_CHECKING:
    from contract_tests.oracle.http_response import BodyFault
    from contract_tests.spec.values import Json

TEXTS = st.sampled_from(
    ['{"a":1}', '"\\ud83d\\ude00"', '"\\\\ud800"', '"\\ud800"', "1e999", "-0", "1.0", "NaN", "[]"]
) | st.from_regex(r"-?[0-9]{1,22}", fullmatch=True)
DOCUMENTS = st.recursive(
    TEXTS,
    lambda inner: (
        st.lists(inner, max_size=4).map(lambda items: f"[{','.join(items)}]")
        | st.lists(st.tuples(st.sampled_from("abc"), inner), max_size=4).map(
            lambda members: "{" + ",".join(f'"{key}":{text}' for key, text in members) + "}"
        )
    ),
    max_leaves=12,
)
MOST = 8


def read(body: bytes, most: int) -> tuple[Json, list[BodyFault]] | BodyFault:
    """What `parse` gives, or the fault for which it gives nothing."""
    try:
        return parse(body, most)
    except Unreadable as unreadable:
        return unreadable.fault


def carefully(body: bytes, most: int) -> tuple[Json, list[BodyFault]] | BodyFault:
    """The same, without the short way."""

    def doubt(_text: str, _most: int) -> Json:
        raise strict_json._Doubtful

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(strict_json, "_parse_fast", doubt)
        return read(body, most)


@settings(max_examples=400, deadline=None)
@given(text=DOCUMENTS | st.text(max_size=20), most=st.sampled_from([MOST, 10_000]))
@example(text=str(2**63), most=10_000)
@example(text=str(-(2**63)), most=10_000)
@example(text=str(-(2**63) - 1), most=10_000)
@example(text="[" * (MAX_DEPTH + 1) + "]" * (MAX_DEPTH + 1), most=10_000)
@example(text="[" * (MAX_DEPTH + 2) + "]" * (MAX_DEPTH + 2), most=10_000)
@example(text='"' + "[" * (MAX_DEPTH + 1) + '"', most=10_000)
@example(text="[" * 100_000, most=10_000)
@example(text="[1" + ",1" * (MOST - 2) + "]", most=MOST)
@example(text="[1" + ",1" * (MOST - 1) + "]", most=MOST)
@example(text="\ufeff{}", most=MOST)
def test_both_ways_say_the_same(text: str, most: int) -> None:
    """Value, faults and refusals are the same, and so are the types of numbers."""
    body = text.encode("utf-8", "surrogatepass")

    quick, careful = read(body, most), carefully(body, most)

    assert quick == careful
    assert repr(quick) == repr(careful)


@pytest.mark.parametrize("path", sorted(PAYLOADS.glob("*.json")), ids=lambda path: path.stem)
def test_job_is_read_on_the_short_way(path: object, monkeypatch: pytest.MonkeyPatch) -> None:
    """What servers really send takes it; the careful way is not even begun."""
    body = (PAYLOADS / str(path)).read_bytes()
    monkeypatch.setattr(strict_json, "_DECODER", None)

    value, faults = parse(body)

    assert value == json.loads(body)
    assert faults == []
