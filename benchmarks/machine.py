"""Facts about the machine that a run was made on."""

from __future__ import annotations

import os
import platform
from datetime import UTC, datetime
from pathlib import Path


def facts() -> dict[str, str]:
    """What decides how fast things run here, by name."""
    return {
        "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
        "Python": f"{platform.python_implementation()} {platform.python_version()}",
        "system": f"{platform.system()} {platform.machine()}",
        "processor": f"{_processor()}, {os.cpu_count()} cores",
        "memory": _memory(),
    }


def load() -> str:
    """How busy the machine was in the last minute: processes that ran or waited to run."""
    return f"{os.getloadavg()[0]:.1f}"


def _processor() -> str:
    return _said("/proc/cpuinfo", "model name") or platform.processor() or "unknown"


def _memory() -> str:
    kilobytes = _said("/proc/meminfo", "MemTotal").removesuffix("kB").strip()
    return f"{int(kilobytes) / 1e6:.0f} GB" if kilobytes else "unknown"


def _said(path: str, name: str) -> str:
    """What a file of Linux says of `name`; nothing where there is no such file."""
    try:
        lines = Path(path).read_text("utf-8").splitlines()
    except OSError:
        return ""
    values = (line.partition(":")[2].strip() for line in lines if line.startswith(name))
    return next(values, "")
