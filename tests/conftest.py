"""What all tests share: how long one example of a property test may take."""

from __future__ import annotations

from datetime import timedelta

from hypothesis import settings

# A bound that only a hang misses: the default one is missed by a busy machine's first import. The
# rest stays as it is, which in CI means the same examples in each run.
settings.register_profile("patient", settings.default, deadline=timedelta(seconds=5))
settings.load_profile("patient")
