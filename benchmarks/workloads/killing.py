"""Jobs asked for one after the other; which of them one contestant complains about.

    python -m benchmarks.workloads.killing CONTESTANT URL TOKEN PATH IDS

PATH has `{}` where an id goes, IDS is a file with a JSON list of them. It prints those that the
contestant complains about, as JSON.
"""

from __future__ import annotations

import json
import sys
from http.client import HTTPConnection
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeAlias
from urllib.parse import urlsplit

if TYPE_CHECKING:
    from collections.abc import Callable

    Ask: TypeAlias = Callable[[str], Any]


class Complaint(Exception):  # noqa: N818 - what a validator says
    """What is wrong with an answer."""


def ours(url: str, token: str, path: str) -> Ask:
    """Our wire and our judge: every finding, as kind, location and keyword."""
    contract = import_module("contract_tests.spec.contract").load()
    judge = import_module("contract_tests.oracle.response").ResponseChecker(contract)
    target = import_module("contract_tests.run.target")
    known = target.Target(url, (), target.Credential(token))
    wire = import_module("contract_tests.run.transport").Transport(known, 1_000_000)

    def ask(job_id: str) -> None:
        answer = wire.get(path.format(job_id), known.credential.shown)
        findings = judge.of_job(answer, job_id).findings
        if findings:
            raise Complaint([[found.kind, found.location, found.keyword] for found in findings])

    return ask


def our_client(url: str, token: str, _: str) -> Ask:
    """Our client, told to be strict."""
    package = import_module("qovery_job_client")
    client = package.AuthenticatedClient(token, url, strict=True, retries=None)
    return lambda job_id: package.get_job.sync(job_id, client=client)


def stock(url: str, token: str, _: str) -> Ask:
    """What openapi-python-client makes by itself."""
    client = import_module("stock_client").AuthenticatedClient(url, token, prefix="Token")
    operation = import_module("stock_client.api.job.get_job")
    return lambda job_id: operation.sync(job_id, client=client)


def openapi_generator(url: str, token: str, _: str) -> Ask:
    """What openapi-generator's python generator makes."""
    package = import_module("openapi_generator_client")
    client = package.ApiClient(package.Configuration(host=url))
    client.set_default_header("Authorization", f"Token {token}")
    return lambda job_id: package.JobApi(client).get_job(job_id)


def pydantic(url: str, token: str, path: str) -> Ask:
    """Pydantic models by datamodel-code-generator."""
    job = import_module("pydantic_models").Job
    read = _reading(url, token, path)
    return lambda job_id: job.model_validate_json(read(job_id)[1])


def proxy(url: str, token: str, path: str) -> Ask:
    """A proxy that answers with an error where the server's answer is wrong."""
    read = _reading(url, token, path)

    def ask(job_id: str) -> None:
        status, body = read(job_id)
        if status != 200:  # noqa: PLR2004
            raise Complaint(body[:500].decode(errors="replace"))

    return ask


def _reading(url: str, token: str, path: str) -> Callable[[str], tuple[int, bytes]]:
    connection = HTTPConnection(urlsplit(url).netloc)

    def read(job_id: str) -> tuple[int, bytes]:
        connection.request("GET", path.format(job_id), headers={"Authorization": f"Token {token}"})
        response = connection.getresponse()
        return response.status, response.read()

    return read


def main(contestant: str, url: str, token: str, path: str, ids: str) -> None:
    """Ask for each job, and print what was complained about, by id."""
    ask: Ask = globals()[contestant](url, token, path)
    complaints: dict[str, Any] = {}
    for job_id in json.loads(Path(ids).read_text("utf-8")):
        try:
            ask(job_id)
        except Complaint as complaint:
            complaints[job_id] = complaint.args[0]
        except Exception as error:  # noqa: BLE001 - whatever a client raises is its complaint
            complaints[job_id] = f"{type(error).__name__}: {error}"[:500]
    print(json.dumps(complaints))


if __name__ == "__main__":
    main(*sys.argv[1:])
