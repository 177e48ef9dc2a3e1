"""Which rules of the contract the observed instances really exercised.

A run that saw no instance of a variant proved nothing about it, however green it is. A rule is
exercised when a value was there that its keyword judges: `minimum` needs a number, `required` an
object, a rule below an array an item.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from contract_tests.spec.keywords import RULES
from contract_tests.spec.values import Json, kind_of

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from contract_tests.spec.contract import Contract
    from contract_tests.spec.schema import Rule, Schema


def covered_rules(schema: Schema, instance: Json) -> Iterator[Rule]:
    """Every rule of `schema` that `instance` exercises; one may come several times."""
    kind = kind_of(instance)
    for keyword, rules in schema.rules.items():
        if keyword == "type" and kind == "null" and "null" in schema.types:
            yield rules[0]  # the rule that allows null; those behind it judge what is not null
        elif RULES[keyword].applies_to(kind):
            yield from rules
    for inner, value in _inside(schema, instance):
        yield from covered_rules(inner, value)


def _inside(schema: Schema, instance: Json) -> list[tuple[Schema, Json]]:
    """What else is judged within `instance`, and by which schema."""
    if schema.branches:
        branch = schema.branch(instance)
        return [] if branch is None else [(branch, instance)]
    if isinstance(instance, dict):
        known = schema.properties.items()
        return [(inner, instance[name]) for name, inner in known if name in instance]
    if isinstance(instance, list) and schema.items is not None:
        return [(schema.items, item) for item in instance]
    return []


def notes(contract: Contract, seen: frozenset[Rule], variants: Sequence[str]) -> list[str]:
    """What the observed jobs left unproved, a sentence for each missing variant and the rest.

    Args:
        contract: The contract.
        seen: The rules that were exercised.
        variants: The names of the variants that were observed.
    """
    unproved = [rule for rule in contract.rules if rule not in seen]
    sentences = []
    for name, schema in contract.variants.items():
        if name not in variants:
            mine = _own(schema, contract) & set(unproved)
            unproved = [rule for rule in unproved if rule not in mine]
            sentences.append(f"no {name} among the known jobs: {len(mine)} rules unproved")
    if unproved:
        sentences.append(f"no known job holds what {len(unproved)} more rules are about")
    return sentences


def _own(schema: Schema, contract: Contract) -> set[Rule]:
    """The rules that only this variant has."""
    others = [other for other in contract.variants.values() if other is not schema]
    return _all(schema) - {rule for other in others for rule in _all(other)}


def _all(schema: Schema) -> set[Rule]:
    inner = [*schema.properties.values(), *schema.branches]
    if schema.items is not None:
        inner.append(schema.items)
    return {rule for rules in schema.rules.values() for rule in rules}.union(*map(_all, inner))
