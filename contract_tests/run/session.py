"""An open run: the state that its checks share."""

from __future__ import annotations

from typing import TYPE_CHECKING

from attrs import frozen

from contract_tests.run.retry import get

if TYPE_CHECKING:
    from contract_tests.oracle.http_response import HttpResponse
    from contract_tests.oracle.response import ResponseChecker
    from contract_tests.run.record import RunRecord
    from contract_tests.run.transport import Transport


@frozen
class Session:
    """An open run.

    Attributes:
        transport: The connection; its budget limits how many requests are sent.
        record: Receives what the checks observe.
        checker: Checks responses against the contract.
    """

    transport: Transport
    record: RunRecord
    checker: ResponseChecker

    @property
    def may_continue(self) -> bool:
        """Whether another request may be sent and would be useful."""
        return self.transport.left > 0 and not self.record.should_stop

    def get(self, value: str, credential: str | None = None) -> HttpResponse:
        """Return the response for an id.

        Args:
            value: The id.
            credential: The value of the credential; empty for none, None for the run's own.

        Raises:
            NoResponse: There is no response, despite retries.
        """
        own = self.record.target.credential.shown
        sent = own if credential is None else credential
        return get(self.transport, self.record.contract.path_of(value), sent)
