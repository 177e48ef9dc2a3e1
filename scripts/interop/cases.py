"""The jobs that generated code has to decode, derived from the contract."""

from __future__ import annotations

import json
import re
from typing import TYPE_CHECKING

from attrs import asdict, frozen

from contract_tests.instances.population import population
from contract_tests.mutants.bodies import PAIR, body_mutants

if TYPE_CHECKING:
    from contract_tests.spec.contract import Contract

RANGES = frozenset({"minimum", "maximum", "exclusiveMinimum", "exclusiveMaximum"})


@frozen
class Cases:
    """The jobs to decode.

    Attributes:
        root: The name of the schema of a job.
        variants: The names of its variants.
        valid: For each valid job the name of its variant, and its JSON.
        out_of_range: The JSON of jobs with one number outside its range.
    """

    root: str
    variants: tuple[str, ...]
    valid: tuple[tuple[str, str], ...]
    out_of_range: tuple[str, ...]

    def as_json(self) -> str:
        """Return the cases for a probe in another language."""
        return json.dumps(asdict(self))

    def as_typescript(self) -> tuple[str, list[list[tuple[int, bool]]], list[int]]:
        """Return a program that assigns each job to the types of openapi-typescript.

        Also return, for each valid job, the lines that assign it and whether they must compile,
        and the lines that assign the jobs that are out of range.
        """
        lines = [
            'import type { components } from "./schema";',
            'type Of<Name extends keyof components["schemas"]> = components["schemas"][Name];',
        ]

        def assign(name: str, body: str) -> int:
            value = json.dumps(json.loads(body))  # without U+2028, which would end the line
            lines.append(f"export const job{len(lines)}: Of<{json.dumps(name)}> = {value};")
            return len(lines)

        valid = [
            [(assign(self.root, body), True)]
            + [(assign(name, body), name == variant) for name in self.variants]
            for variant, body in self.valid
        ]
        invalid = [assign(self.root, body) for body in self.out_of_range]
        return "\n".join(lines) + "\n", valid, invalid


def cases(contract: Contract) -> Cases:
    """Derive the cases from the jobs that the mock server serves and their mutants."""
    served = population(contract)
    return Cases(
        contract.job.name,
        tuple(contract.variants),
        tuple((served.variants[name], body.decode()) for name, body in served.bodies.items()),
        tuple(
            mutant.body.decode()
            for mutant in body_mutants(contract, served.jobs).values()
            if mutant.family != PAIR
            and mutant.expected
            and all(finding.keyword in RANGES for finding in mutant.expected)
        ),
    )


def failed_lines(output: str) -> set[int]:
    """Return the lines of `probe.ts` that the TypeScript compiler refuses."""
    return {int(line) for line in re.findall(r"^probe\.ts\((\d+),", output, re.MULTILINE)}
