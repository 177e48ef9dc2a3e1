"""Check a server against the contract: `python -m scripts.drift`."""

import sys

try:
    from scripts.drift.command import main
except ModuleNotFoundError as error:
    if str(error.name).partition(".")[0] in {"contract_tests", "scripts"}:
        raise
    print(
        f"scripts.drift: {error.name} is not installed for {sys.executable}; run `make install`, "
        "then `.venv/bin/python -m scripts.drift`",
        file=sys.stderr,
    )
    sys.exit(2)

if __name__ == "__main__":
    sys.exit(main())
