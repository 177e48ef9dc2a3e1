"""Whatever JSON comes, the decoder gives a model or names the rule that is broken."""

from __future__ import annotations

import copy
import re
from typing import Any

import pytest
from hypothesis import HealthCheck, assume, example, given, settings
from hypothesis import strategies as st

from qovery_job_client import ApiError, ContractViolationError, Job, UnknownJob, decode_job
from qovery_job_client.base import parse_json
from qovery_job_client.http import Received
from qovery_job_client.response import read_response
from tests.client.payloads import judge, places
from tests.recorded import NAMES, payload, text

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


@st.composite
def mutated(draw: st.DrawFn) -> dict[str, Any]:
    """A real payload with one to three places changed, emptied or added to."""
    data = payload(draw(st.sampled_from(NAMES)))
    for _ in range(draw(st.integers(1, 3))):
        holder, key = draw(st.sampled_from(places(data)))
        match draw(st.sampled_from(["change", "remove", "add", "swap"])):
            case "change":
                holder[key] = draw(values)
            case "remove":
                del holder[key]
            case "add" if isinstance(holder, dict):
                holder[draw(st.sampled_from(KEYS) | st.text(max_size=4))] = draw(values)
            case _:
                holder[key] = draw(st.sampled_from([None, {}, [], "", 0, True]))
    return data


@given(mutated())
@settings(max_examples=400, suppress_health_check=[HealthCheck.too_slow])
def test_decoder_takes_just_what_the_contract_allows(data: dict[str, Any]) -> None:
    """An independent validator of the contract and the decoder agree on every body."""
    assume(data.get("job_type") in ("LIFECYCLE", "CRON"))
    fits = judge(tolerant=True).is_valid(data)

    try:
        decode_job(copy.deepcopy(data))
    except ContractViolationError:
        decoded = False
    else:
        decoded = True

    assert decoded == fits


@given(mutated())
@settings(max_examples=200, suppress_health_check=[HealthCheck.too_slow])
def test_what_is_decoded_is_written_as_it_came(data: dict[str, Any]) -> None:
    """`to_dict` undoes `decode_job`: equal values, and the same order of properties."""
    try:
        job = decode_job(copy.deepcopy(data))
    except ContractViolationError:
        return  # the other tests are about these

    written = job.to_dict()

    assert written == data
    assert list(written) == list(data)


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
    """A body with bytes changed, cut or doubled is decoded or named, never anything else."""
    body = bytearray(text(name))
    for _ in range(data.draw(st.integers(1, 4))):
        index = data.draw(st.integers(0, len(body) - 1))
        body[index : index + data.draw(st.integers(0, 2))] = data.draw(st.binary(max_size=3))

    answer = read_response(Received(200, {}, bytes(body), None), Job, strict=False)

    assert (answer.parsed is None) == isinstance(answer.error, ApiError)


@given(st.binary(max_size=40) | st.text().map(str.encode))
@example(b"[" * 100_000)
@example(b'{"a":' * 100_000)
@example(b"1" * 10_000)
@example(b"NaN")
@example(b"1e999")
@example(b'"\\ud800"')
@example(b"\xef\xbb\xbf{}")
def test_any_bytes_are_json_or_a_documented_error(body: bytes) -> None:
    """A body of any bytes is read or refused by name: no bare error of a parser comes out."""
    try:
        parse_json(body)
    except ApiError as error:
        assert "body is" in error.message  # noqa: PT017
