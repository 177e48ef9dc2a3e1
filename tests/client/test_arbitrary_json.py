"""For any JSON, the decoder returns a model or names the broken rule."""

from __future__ import annotations

import re
from typing import Any

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from qovery_job_client import ApiError, ContractViolationError, Job, UnknownJob, decode_job
from qovery_job_client.base import parse_json
from qovery_job_client.response import Received, read_response
from tests.recorded import NAMES, text

pytestmark = pytest.mark.slow

scalars = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats(allow_nan=False, allow_infinity=False)
    | st.text(max_size=8)
    | st.sampled_from(["LIFECYCLE", "CRON", "2024-02-29T00:00:00Z", "2016-12-31T23:59:60Z"])
    | st.sampled_from(["3C90C3CC-0D44-4B50-8888-8DD25736052A", 1.0, -1, 0, 2**70, "ECR"])
)
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=6), inner),
    max_leaves=8,
)
KEYS = sorted(set(re.findall(r'"(\w+)":', "".join(text(name).decode() for name in NAMES))))
objects = st.dictionaries(st.sampled_from(KEYS), values, max_size=12)


@given(values | objects)
@example({"job_type": "GITOPS", "cpu": "?"})
@example({"job_type": []})
def test_any_json_gives_a_model_or_a_violation(data: Any) -> None:
    """No other error, whatever the value; an unknown variant is kept whole."""
    assume(not isinstance(data, str))  # that would be JSON text

    try:
        job = decode_job(data)
    except ContractViolationError as error:
        assert error.keyword  # noqa: PT017
        return

    assert isinstance(job, UnknownJob) or job.to_dict() == data


@given(st.sampled_from(NAMES), st.data())
@settings(max_examples=300)
def test_changed_bytes_give_a_model_or_a_documented_error(name: str, data: st.DataObject) -> None:
    """A body with changed, missing or repeated bytes is decoded or causes a documented error."""
    body = bytearray(text(name))
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(body) - 1))
        body[index : index + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))

    response = read_response(Received(200, {}, bytes(body), None), Job, strict=False)

    assert (response.parsed is None) == isinstance(response.error, ApiError)


@given(st.binary(max_size=40) | st.text().map(str.encode))
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"1" * 10_000)
@example(b"NaN")
@example(b"1e999")
@example(b'"\\ud800"')
@example(b"\xef\xbb\xbf{}")
def test_any_bytes_are_json_or_a_documented_error(body: bytes) -> None:
    """A body of any bytes is read or causes a documented error, never one of a parser."""
    try:
        parse_json(body)
    except ApiError as error:
        assert "body is" in error.message  # noqa: PT017
