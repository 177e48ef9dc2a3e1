"""The body mutants, served over HTTP, past everything that could find them."""

from __future__ import annotations

import json
import sys
from functools import partial
from typing import TYPE_CHECKING, Any
from uuid import UUID

from attrs import frozen

from benchmarks import documents
from benchmarks.bench import attempt
from benchmarks.contest import Contest, Contestant, Goal, PeerError, Table
from benchmarks.processes import Command, serving
from benchmarks.rows.models import GENERATED
from benchmarks.servers import listening, prism
from benchmarks.workloads.server import TOKEN
from contract_tests.instances.population import encode, population
from contract_tests.mutants.bodies import body_mutants
from contract_tests.spec.contract import PATH

if TYPE_CHECKING:
    from collections.abc import Callable, Generator, Mapping, Sequence
    from pathlib import Path

    from benchmarks.bench import Bench
    from contract_tests.mutants.bodies import BodyMutant

    Complaints = Mapping[str, Any]  # by the id of the job that is complained about

OURS = "ours"
RIGHT = "ours, for the right reason"
STEP = 60  # of so many mutants a quick run takes one


@frozen
class Field:
    """What is served.

    Attributes:
        mutants: The mutants, by the id under which each is served.
        twins: The valid jobs that they are made of, by theirs.
        bodies: All bodies.
    """

    mutants: Mapping[str, BodyMutant]
    twins: Sequence[str]
    bodies: Mapping[str, str]

    @property
    def ids(self) -> list[str]:
        """Every id."""
        return list(self.bodies)


def field(bench: Bench) -> Field:
    """Every mutant and every twin under an id of its own, which its body says too."""
    jobs = population(bench.contract)
    made = list(body_mutants(bench.contract, jobs.jobs).values())[:: bench.count(1, STEP)]
    mutants = {str(UUID(int=index, version=4)): mutant for index, mutant in enumerate(made)}
    bodies = {
        job_id: mutant.body.decode().replace(mutant.job_id, job_id)
        for job_id, mutant in mutants.items()
    }
    sound = {job_id: encode(job).decode() for job_id, job in jobs.jobs.items()}
    return Field(mutants, list(sound), {**bodies, **sound})


def mutants(bench: Bench) -> Generator[Contest | Table]:
    """Who complains about the mutants, and who about their twins."""
    served = field(bench)
    ids = bench.scratch / "mutants.json"
    ids.write_text(json.dumps(served.ids), "utf-8")
    with serving(bench.scratch, {"bodies": served.bodies, "default": None}) as url:
        asked: dict[str, Callable[[], Complaints]] = {
            OURS: partial(_complaints, bench, ids, "ours", url),
            "Schemathesis, st run": partial(_schemathesis, bench, served, url),
            "prism proxy --errors": partial(_prism, bench, served, ids, url),
            "ours, the client's decode, strict": partial(
                _complaints, bench, ids, "our_client", url, folder=lambda: GENERATED
            ),
            "openapi-python-client's decode": partial(
                _complaints, bench, ids, "stock", url, folder=bench.peers.stock
            ),
            "openapi-generator's decode": partial(
                _complaints,
                bench,
                ids,
                "openapi_generator",
                url,
                folder=bench.peers.openapi_generator,
            ),
            "pydantic v2's decode": partial(
                _complaints,
                bench,
                ids,
                "pydantic",
                url,
                folder=partial(bench.peers.datamodel, "pydantic_v2.BaseModel", "pydantic_models"),
            ),
        }
        heard: dict[str, Complaints] = {}
        taking_part = [attempt(n, partial(_heard, heard, n, ask)) for n, ask in asked.items()]
    yield from _contests(served, heard, taking_part)


def _heard(heard: dict[str, Complaints], name: str, ask: Callable[[], Complaints]) -> Contestant:
    heard[name] = ask()
    return Contestant(name, lambda: 0.0)


def _contests(
    served: Field, heard: Mapping[str, Complaints], taking_part: Sequence[Any]
) -> Generator[Contest | Table]:
    absent = [each for each in taking_part if each.name not in heard]
    others = [name for name in heard if name != OURS]

    def killed(name: str, among: Mapping[str, BodyMutant]) -> float:
        return 100 * len(heard[name].keys() & among.keys()) / len(among)

    def right(name: str) -> float:
        mutants = served.mutants.items()
        return 100 * sum(_is_right(m, heard[name].get(i)) for i, m in mutants) / len(mutants)

    def quiet(name: str) -> float:
        return 100 * sum(each not in heard[name] for each in served.twins) / len(served.twins)

    yield Contest(
        f"Killed of {len(served.mutants):,} body mutants, served over HTTP",
        "%",
        [
            Contestant(OURS, partial(killed, OURS, served.mutants)),
            Contestant(RIGHT, partial(right, OURS)),
            *(Contestant(name, partial(killed, name, served.mutants)) for name in others),
            *absent,
        ],
        (
            Goal(OURS, None, 100.0, "least"),
            Goal(RIGHT, None, 100.0, "least"),
        ),
        "Killed is a mutant about whose answer a contestant says anything at all; for the right "
        "reason, when that is the mutant's own location and keyword and nothing else. Every mutant "
        "breaks a rule of the contract, or adds a property that it does not know (`renamed`, "
        "`undocumented`), or is no JSON that two readers agree on (`json`). Additions are allowed "
        "by the contract, so that the peers are right to pass them; they are drift all the same.",
        rounds=1,
        pictured=True,
    )
    rules = {
        job_id: mutant
        for job_id, mutant in served.mutants.items()
        if any(each.kind == "violation" for each in mutant.expected)
    }
    yield Contest(
        f"Killed of the {len(rules):,} among them that break a rule",
        "%",
        [*(Contestant(name, partial(killed, name, rules)) for name in heard), *absent],
        (Goal(OURS, None, 100.0, "least"),),
        "What is left without mere additions, and without what is wrong with the JSON itself.",
        rounds=1,
    )
    yield Contest(
        f"Passed of the {len(served.twins)} valid jobs that the mutants are made of",
        "%",
        [*(Contestant(name, partial(quiet, name)) for name in heard), *absent],
        (Goal(OURS, None, 100.0, "least"),),
        "What is complained about here is a false alarm.",
        rounds=1,
    )
    yield _families(served, heard)


def _families(served: Field, heard: Mapping[str, Complaints]) -> Table:
    families: dict[str, list[str]] = {}
    for job_id, mutant in served.mutants.items():
        families.setdefault(mutant.family, []).append(job_id)
    lines = []
    for family, ids in sorted(families.items(), key=lambda item: -len(item[1])):
        rates = (
            100 * sum(i in complaints for i in ids) / len(ids) for complaints in heard.values()
        )
        lines.append((family, f"{len(ids):,}", *(f"{rate:.0f} %" for rate in rates)))
    return Table("The same by family", ("family", "mutants", *heard), tuple(lines))


def _is_right(mutant: BodyMutant, findings: Any) -> bool:
    expected = {(each.kind, each.location, each.keyword) for each in mutant.expected}
    return bool(findings) and {tuple(each) for each in findings} == expected


def _complaints(
    bench: Bench,
    ids: Path,
    contestant: str,
    url: str,
    *,
    folder: Callable[[], Path] | None = None,
) -> Complaints:
    """What a contestant of `workloads.killing` complains about.

    Clients, which need a `folder` to import from, run in the clients' environment.
    """
    python = bench.peers.python("clients" if folder else None)
    env = bench.env(*([folder()] if folder else []))
    path = bench.contract.path_of("{}")
    words = (python, "-m", "benchmarks.workloads.killing", contestant, url, TOKEN, path, ids)
    return _object(Command(words, env).run()[1])


def _prism(bench: Bench, served: Field, ids: Path, url: str) -> Complaints:
    command = prism(bench.peers.prism(), "proxy", "--errors", PATH, url)
    with listening(command, bench.contract.path_of(served.twins[0])) as server:
        return _complaints(bench, ids, "proxy", server.url)


def _schemathesis(bench: Bench, served: Field, url: str) -> Complaints:
    document, events = bench.scratch / "mutants-document.json", bench.scratch / "events.ndjson"
    text = documents.encoded(documents.with_examples(bench.contract, served.ids))
    document.write_text(text, "utf-8")
    header = f"Authorization: Token {TOKEN}"
    words = (
        *(sys.executable, "-m", "schemathesis.cli", "run", document, "--url", url, "-H", header),
        *("--phases", "examples", "--continue-on-failure", "--no-color"),
        *("--report", "ndjson", "--report-ndjson-path", events),
        *("--generation-database", "none"),
    )
    Command(words, bench.env(), (0, 1)).cost()
    complaints: dict[str, list[str]] = {}
    asked = set()
    for line in events.read_text("utf-8").splitlines():
        recorder = _object(line).get("ScenarioFinished", {}).get("recorder", {})
        for case_id, checks in recorder.get("checks", {}).items():
            case = recorder["cases"][case_id]["value"]
            job_id = case["path_parameters"][bench.contract.parameter]
            asked.add(job_id)
            failed = [check["name"] for check in checks if check["status"] != "success"]
            if failed:
                complaints[job_id] = failed
    if left_out := len(set(served.ids) - asked):
        raise PeerError(f"it asked for all but {left_out:,} of the jobs")
    return complaints


def _object(text: str) -> dict[str, Any]:
    value = json.loads(text)
    assert isinstance(value, dict)
    return value
