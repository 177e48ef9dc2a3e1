"""Properties of the present contract, by their kind, for tests that need one of it."""

from __future__ import annotations

from typing import Final

from contract_tests.spec.contract import load

_VARIANTS = load().variants.values()
# Those of every variant, the required ones first.
_SHARED = sorted(
    (
        (name, schema)
        for name, schema in next(iter(_VARIANTS)).properties.items()
        if all(name in variant.properties for variant in _VARIANTS)
    ),
    key=lambda item: not all(item[0] in variant.required for variant in _VARIANTS),
)
# A text that may be any.
TEXT: Final = next(
    name for name, each in _SHARED if each.types == ("string",) and not each.assertions
)
# A number that has a minimum and no other rule.
COUNT: Final = next(
    name
    for name, each in _SHARED
    if each.types == ("integer",) and each.assertions.keys() == {"minimum"}
)
LEAST: Final[int] = dict(_SHARED)[COUNT].assertions["minimum"]
# What breaks the minimum, and where and how it is found.
TOO_FEW: Final = {COUNT: LEAST - 1}
AT_COUNT: Final = f"/{COUNT}"
BROKEN_MINIMUM: Final = ("violation", AT_COUNT, "minimum")
