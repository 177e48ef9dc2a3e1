"""Run Schemathesis: generated requests, and its stock checks on them and on some known jobs.

Schemathesis calls a WSGI application that passes each request to the transport, so its own clients
never open a connection.
"""

from __future__ import annotations

from contextlib import suppress
from functools import lru_cache, partial
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

import httpx
import hypothesis
import schemathesis
from attrs import evolve
from hypothesis.internal.conjecture.providers import AVAILABLE_PROVIDERS, HypothesisProvider
from hypothesis.internal.constants_ast import Constants
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.core.parameters import ParameterLocation
from schemathesis.specs.openapi.checks import ignored_auth, response_schema_conformance

from contract_tests.instances.ids import is_uuid, is_valid
from contract_tests.oracle.finding import Finding, Kind
from contract_tests.run.known_jobs import is_up
from contract_tests.run.probes import INVALID, UNKNOWN, Probe, check_refusal
from contract_tests.run.retry import with_retries
from contract_tests.run.transport import NoResponse

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence
    from wsgiref.types import StartResponse, WSGIEnvironment

    from contract_tests.oracle.http_response import HttpResponse
    from contract_tests.run.session import Session
    from contract_tests.run.transport import Transport
    from contract_tests.spec.contract import Contract

SAMPLE = 4  # known jobs to run the stock checks on
_EXAMPLES = 50  # generated values of each kind, valid and invalid
_LONGEST = 1_000  # characters of an id; servers refuse long URLs, whatever the contract allows
_SEED = 1
_BACKEND = "without local constants"
# Our keyword for the findings of each stock check.
_KEYWORDS: Mapping[str, str] = {
    "allow_header_conformance": "allow",
    "content_type_conformance": "media-type",
    "negative_data_rejection": "invalid-id",
    "not_a_server_error": "server-error",
    "positive_data_acceptance": "status",
    "response_headers_conformance": "header",
    "status_code_conformance": "status",
    "unsupported_method": "allow",
}
# The oracle checks bodies, because the stock report of a `oneOf` is one sentence about the whole
# body. The probes check authentication with the run's own credentials.
_EXCLUDED = (response_schema_conformance, ignored_auth)
_UNKNOWN = (403, 404)
# Headers that only the transport sets, because it decodes gzip and keeps one connection.
_OF_THE_TRANSPORT = {"HTTP_HOST", "HTTP_CONNECTION", "HTTP_ACCEPT_ENCODING", "HTTP_USER_AGENT"}


class _Provider(HypothesisProvider):
    """Hypothesis' default backend without constants that it collects from loaded modules."""

    @property
    def _local_constants(self) -> Constants:
        return Constants()


AVAILABLE_PROVIDERS[_BACKEND] = f"{__name__}.{_Provider.__name__}"


class Gateway:
    """A WSGI application that passes each request to a transport.

    Attributes:
        response: The last response.
    """

    def __init__(self, transport: Transport) -> None:
        """Send every request through `transport`."""
        self.response: HttpResponse | None = None
        self._transport = transport

    def __call__(self, environ: WSGIEnvironment, start_response: StartResponse) -> Iterable[bytes]:
        """Send one request.

        Raises:
            NoResponse: There is no response.
            RequestForbidden: The transport refused to send it.
        """
        target = self._transport.target
        parts = urlsplit(target.url)
        url = f"{parts.scheme}://{parts.netloc}{environ['REQUEST_URI']}"
        shown = target.credential.shown
        method, headers = environ["REQUEST_METHOD"], _headers(environ)
        # The test client adds a body to a GET that only has a Content-Type.
        body = None if method == "GET" else environ["wsgi.input"].read()
        send = partial(self._transport.send, method, url, shown, headers, body)
        # The embedded server never fails by chance, so its 5xx responses are findings.
        response = send() if target.embedded else with_retries(self._transport, send)
        self.response = response
        # The body is already decoded, so its length differs from the header.
        hidden = {"content-encoding", "content-length", "transfer-encoding"}
        left = [item for item in response.headers.items() if item[0] not in hidden]
        start_response(f"{response.status} -", left)
        return [response.body]


def _headers(environ: WSGIEnvironment) -> dict[str, str]:
    headers = {
        name.removeprefix("HTTP_").replace("_", "-").lower(): value
        for name, value in environ.items()
        if name.startswith("HTTP_") and name not in _OF_THE_TRANSPORT
    }
    if content_type := environ.get("CONTENT_TYPE"):
        headers["content-type"] = content_type
    return headers


def check_sampled_jobs(session: Session) -> None:
    """Run the stock checks on some known jobs."""
    record = session.record
    operation = _operation(record.contract)
    variants = {result.id: result.variant for result in record.results}
    for job_id in record.target.known_ids[:SAMPLE]:
        if not session.may_continue:
            return
        record.ran("stock checks of known jobs")
        case = operation.Case(path_parameters={record.contract.parameter: job_id})
        _check(session, case, job_id, variants.get(job_id))


def check_generated_requests(session: Session, most: int) -> None:
    """Send up to `most` generated requests, each of which must be refused."""
    methods = None if session.record.target.embedded else {"GET"}
    cases = generated(session.record.contract)
    for case in [case for case in cases if not methods or case.method in methods][:most]:
        if not session.may_continue:
            if not session.record.should_stop:
                session.record.warn("the budget left no room for all generated requests")
            return
        session.record.ran("generated requests")
        _check(session, case)


@lru_cache(maxsize=4)
def generated(contract: Contract) -> tuple[schemathesis.Case[Any], ...]:
    """Return the requests of Schemathesis' coverage and fuzzing phases, the same in each run."""
    operation = _operation(contract)
    settings = hypothesis.settings(
        backend=_BACKEND,
        derandomize=True,
        max_examples=_EXAMPLES,
        database=None,
        deadline=None,
        phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )
    schema = operation.schema
    cases = list(
        schema.iter_coverage_cases(
            operation,
            generation_modes=list(schemathesis.GenerationMode),
            generation_config=schema.config.generation_for(operation=operation, phase="coverage"),
        )
    )

    def collect(case: schemathesis.Case[Any]) -> None:
        cases.append(case)

    for mode in schemathesis.GenerationMode:
        fuzzing = operation.as_strategy(generation_mode=mode)
        with suppress(hypothesis.errors.Unsatisfiable):  # nothing is invalid: every text is an id
            settings(hypothesis.given(fuzzing)(collect))()
    requests = {(case.method, str(case.path_parameters), str(case.headers)): case for case in cases}
    return tuple(requests.values())


@lru_cache(maxsize=4)
def _operation(contract: Contract) -> schemathesis.APIOperation[Any, Any, Any, Any]:
    """Return the operation, with a configuration that no file or environment variable changes.

    It has no security: the gateway adds the credential of the run to each request. Nor has it a
    maximum length of an id that no URL can have.
    """
    config = schemathesis.Config(seed=_SEED)
    data = {**contract.document.data, "security": []}
    item = dict(data["paths"][contract.path])
    item["get"] = {key: value for key, value in item["get"].items() if key != "security"}
    item["get"]["parameters"] = [_shortened(each) for each in item["get"].get("parameters", ())]
    data["paths"] = {**data["paths"], contract.path: item}
    schema = schemathesis.openapi.from_dict(data, config=config)
    return schema[contract.path]["GET"]


def _shortened(parameter: Mapping[str, Any]) -> Mapping[str, Any]:
    schema = parameter.get("schema", {})
    if schema.get("maxLength", 0) <= _LONGEST:
        return parameter
    return {**parameter, "schema": {key: schema[key] for key in schema if key != "maxLength"}}


def _check(
    session: Session,
    case: schemathesis.Case[Any],
    known: str | None = None,
    variant: str | None = None,
) -> None:
    """Send a case and record the findings; if there are any, send it again."""
    value = str((case.path_parameters or {}).get(session.record.contract.parameter, ""))
    reproduce = session.record.reproduce(value)
    try:
        for _ in range(2):
            status, findings = _findings(session, case, known, variant)
            if not findings or (httpx.codes.is_server_error(status) and not is_up(session)):
                return
            session.record.observe(findings, known, reproduce)
    except NoResponse as error:
        session.record.no_response(error)


def _findings(
    session: Session, case: schemathesis.Case[Any], known: str | None, variant: str | None
) -> tuple[int, list[Finding]]:
    """Send a case; return the status, and the findings of the oracle or the stock checks."""
    transport, contract = session.transport, session.record.contract
    gateway = Gateway(transport)
    response = case.call(base_url=transport.target.url, app=gateway)
    sent = gateway.response
    assert sent is not None
    found: list[Finding] = []
    if known is not None:
        found += session.checker.check_job(sent, known, variant).findings
    elif case.method == "GET" and sent.status == httpx.codes.OK and _may_exist(contract, case):
        return sent.status, list(session.checker.check(sent).findings)
    elif case.method == "GET":
        found += check_refusal(session, sent, _probe(case))
    if found:
        return sent.status, found  # the stock checks would report the same again
    try:
        case.validate_response(
            response,
            excluded_checks=list(_EXCLUDED),
            transport_kwargs={"app": gateway},
        )
    except FailureGroup as group:
        found += [
            finding
            for failure in group.exceptions
            for finding in _of_failure(failure, case, sent.status)
        ]
    return sent.status, found


def _may_exist(contract: Contract, case: schemathesis.Case[Any]) -> bool:
    """Return whether a generated id may be of something: only of a UUID it is certain that not."""
    value = str((case.path_parameters or {}).get(contract.parameter, ""))
    return not is_uuid(contract.id_schema) and is_valid(contract.id_schema, value)


def _of_failure(failure: Failure, case: schemathesis.Case[Any], status: int) -> Sequence[Finding]:
    check = failure.checks[0] if failure.checks else "schemathesis"
    if check == "status_code_conformance" and (
        status in _UNKNOWN or (_is_negative(case) and 400 <= status < 500)  # noqa: PLR2004
    ):
        return ()  # these refuse an unknown id, and any 4xx an invalid one, documented or not
    message = " ".join((failure.message or f"{failure.title}: status {status}").split())
    keyword = _KEYWORDS.get(check, check)
    return (Finding(Kind.BEHAVIOR, check, "", keyword, None, status, message),)


def _probe(case: schemathesis.Case[Any]) -> Probe:
    """Return the probe that a generated request amounts to: an invalid or an unknown id."""
    if not _is_negative(case):
        return UNKNOWN
    assert case.meta is not None
    component = case.meta.components.get(ParameterLocation.PATH)
    if component is not None and component.mode.is_negative:
        return INVALID
    return evolve(UNKNOWN, allowed=INVALID.allowed)


def _is_negative(case: schemathesis.Case[Any]) -> bool:
    return case.meta is not None and case.meta.generation.mode.is_negative
