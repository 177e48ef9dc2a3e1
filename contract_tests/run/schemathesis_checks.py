"""Schemathesis checks built on the oracle, and Schemathesis' failures as findings.

The stock check of response bodies is replaced by ours: its report of a `oneOf` is one opaque
sentence about the whole body. All others run as they are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.specs.openapi.checks import response_schema_conformance

from contract_tests.oracle.finding import Finding, Kind
from contract_tests.oracle.http_response import HttpResponse

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    import schemathesis

    from contract_tests.oracle.response import ResponseChecker

SERVER_ERROR_KEYWORD = "server-error"
# What each of Schemathesis' checks is called among our findings.
_KEYWORDS: Mapping[str, str] = {
    "allow_header_conformance": "allow",
    "content_type_conformance": "media-type",
    "ignored_auth": "authentication",
    "negative_data_rejection": "invalid-id",
    "not_a_server_error": SERVER_ERROR_KEYWORD,
    "positive_data_acceptance": "status",
    "response_headers_conformance": "header",
    "status_code_conformance": "status",
    "unsupported_method": "allow",
}


class Disagreement(Failure):
    """An answer whose findings our own check reports."""

    __slots__ = ("findings",)

    def __init__(self, operation: str, findings: Sequence[Finding]) -> None:
        super().__init__(operation=operation, message="; ".join(item.message for item in findings))
        self.findings = tuple(findings)


def findings_of(
    case: schemathesis.Case[Any],
    judge: ResponseChecker,
    authorization: str,
    base_url: str,
    known: str | None = None,
    *,
    variant: str | None = None,
) -> list[Finding]:
    """Send one case, run every check over its answer, and give what they find.

    Args:
        case: The case.
        judge: Judges the answer by the contract.
        authorization: The value of its Authorization header.
        base_url: Where it is sent.
        known: The known job that it asks for, None where it asks for any other id.
        variant: What that job was when it was last asked for, where that is known.

    Raises:
        requests.RequestException: No answer came, or the request may not be sent.
    """
    headers = {"Authorization": authorization}
    response = case.call(base_url=base_url, headers=headers, allow_redirects=False)
    try:
        case.validate_response(
            response,
            headers=headers,
            additional_checks=[_fits_the_contract(judge, known, variant)],
            excluded_checks=[response_schema_conformance],
            transport_kwargs={"headers": headers, "allow_redirects": False},
        )
    except FailureGroup as group:
        return [
            finding
            for failure in group.exceptions
            for finding in _findings(failure, case, response.status_code)
        ]
    return []


def _fits_the_contract(
    judge: ResponseChecker, known: str | None, variant: str | None
) -> Callable[..., None]:
    def fits_the_contract(
        _: schemathesis.CheckContext, response: schemathesis.Response, case: schemathesis.Case[Any]
    ) -> None:
        headers = {name.lower(): values[-1] for name, values in response.headers.items()}
        answer = HttpResponse(response.status_code, headers, response.content)
        if known is not None:
            judged = judge.check_job(answer, known, variant)
        elif response.request.method == "GET":
            judged = judge.check_refusal(answer, range(400, 500), "unknown-id")
        else:
            return  # what other methods get is the business of the stock checks
        if judged.findings:
            raise Disagreement(case.operation.label, judged.findings)

    return fits_the_contract


def _findings(failure: Failure, case: schemathesis.Case[Any], status: int) -> Sequence[Finding]:
    if isinstance(failure, Disagreement):
        return failure.findings
    check = failure.checks[0] if failure.checks else "schemathesis"
    negative = case.meta is not None and case.meta.generation.mode.is_negative
    if check == "status_code_conformance" and negative and 400 <= status < 500:  # noqa: PLR2004
        return ()  # a request that is wrong by itself may be refused with any 4xx
    message = " ".join((failure.message or f"{failure.title}: status {status}").split())
    keyword = _KEYWORDS.get(check, check)
    return (Finding(Kind.BEHAVIOR, check, "", keyword, None, status, message),)
