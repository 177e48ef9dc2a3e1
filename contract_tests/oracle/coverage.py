"""Coverage: the rules of the contract that the observed instances exercised.

A clean run proves nothing about a rule that no instance exercised. An instance covers a rule if it
has a value of a type that the keyword applies to: a number for `minimum`, an object for `required`,
an item for a rule of array items.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.spec.keywords import RULES
from contract_tests.spec.schema import walk
from contract_tests.spec.values import Json, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Rule, Schema


def covered_rules(schema: Schema, instance: Json) -> Iterator[Rule]:
    """Yield every rule of `schema` that `instance` covers; some more than once."""
    kind = kind_of(instance)
    for keyword, rules in schema.rules.items():
        if keyword == "type" and kind == "null" and "null" in schema.types:
            yield rules[0]  # the rule that allows null; the others are about other values
        elif RULES[keyword].applies_to(kind):
            yield from rules
    for inner, value in _inside(schema, instance):
        yield from covered_rules(inner, value)


def _inside(schema: Schema, instance: Json) -> list[tuple[Schema, Json]]:
    """Return the values that are checked within `instance`, each with its schema."""
    if schema.branches:
        branch = schema.branch(instance)
        return [] if branch is None else [(branch, instance)]
    if isinstance(instance, dict):
        known = schema.properties.items()
        return [(inner, instance[name]) for name, inner in known if name in instance]
    if isinstance(instance, list) and schema.items is not None:
        return [(schema.items, item) for item in instance]
    return []


def notes(contract: Contract, covered: frozenset[Rule], variants: Sequence[str]) -> list[str]:
    """Return what is not covered, as a sentence for each missing variant and one for the rest.

    Return nothing if no job was observed.

    Args:
        contract: The contract.
        covered: The rules that are covered.
        variants: The names of the variants that were observed.
    """
    if not covered:
        return []
    uncovered = {rule for rule in contract.rules if rule not in covered}
    sentences = []
    for name, schema in contract.variants.items():
        if name not in variants:
            others = [other for other in contract.variants.values() if other is not schema]
            own = _rules(schema).difference(*map(_rules, others)) & uncovered
            uncovered -= own
            sentences.append(f"no {name} among the known jobs: {len(own)} rules not covered")
    if uncovered:
        other = "other " if sentences else ""
        rules = "rule" if len(uncovered) == 1 else "rules"
        sentences.append(f"the known jobs do not cover {len(uncovered)} {other}{rules}")
    return sentences


def _rules(schema: Schema) -> set[Rule]:
    return {rule for each in walk(schema) for rules in each.rules.values() for rule in rules}
