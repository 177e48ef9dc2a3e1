"""A valid body is read on a fast path, which must agree with the careful reader."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pytest
from attrs import evolve
from hypothesis import example, given, settings
from hypothesis import strategies as st

from contract_tests.oracle.json_body import MAX_DEPTH, Unreadable, parse

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


def read(text: str) -> tuple[Json, list[BodyFault]] | BodyFault:
    """The value and its faults, or why there is no value."""
    try:
        return parse(text.encode("utf-8", "surrogatepass"))
    except Unreadable as unreadable:
        return unreadable.fault


def read_carefully(text: str) -> tuple[Json, list[BodyFault]] | BodyFault:
    """The same beside a NaN, which only the careful reader locates."""
    result = read(f"[NaN,{text}]")
    if not isinstance(result, tuple):
        return result
    (_, value), (_, *faults) = result
    return value, [evolve(each, location=each.location.removeprefix("/1")) for each in faults]


@pytest.mark.slow
@settings(max_examples=400, deadline=None)
@given(text=DOCUMENTS)
@example(text=str(2**63))
@example(text=str(-(2**63)))
@example(text=str(-(2**63) - 1))
@example(text="[" * (MAX_DEPTH - 1) + "]" * (MAX_DEPTH - 1))
@example(text='"' + "[" * (MAX_DEPTH + 1) + '"')
@example(text="[" * 100_000)
def test_both_readers_agree(text: str) -> None:
    """Value, faults and refusals are the same, and so are the types of numbers."""
    fast, careful = read(text), read_carefully(text)

    if isinstance(fast, tuple) or isinstance(careful, tuple):
        assert repr(fast) == repr(careful)
