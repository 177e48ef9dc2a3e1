"""A fast server of given bodies: `python -m benchmarks.server PORT FILE`.

FILE is JSON: a body for each id, and under `"*"` the body for every other id, in which `{id}` is
replaced.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

import uvicorn


def application(bodies: dict[str, str]) -> Any:
    """Return an ASGI application that serves `bodies` by the last segment of the path."""
    default = bodies.get("*")

    async def serve(scope: Any, _: Any, send: Any) -> None:
        if scope["type"] != "http":
            return
        job_id = scope["path"].rpartition("/")[2]
        text = bodies.get(job_id) or (default or "").replace("{id}", job_id)
        status, text = (200, text) if text else (404, '{"status": 404, "error": "Not Found"}')
        if b"authorization" not in dict(scope["headers"]):
            status, text = 401, '{"status": 401, "error": "Unauthorized"}'
        body = text.encode()
        headers = [
            (b"content-type", b"application/json"),
            (b"content-length", str(len(body)).encode()),
        ]
        await send({"type": "http.response.start", "status": status, "headers": headers})
        await send({"type": "http.response.body", "body": body})

    return serve


if __name__ == "__main__":
    uvicorn.run(
        application(json.loads(Path(sys.argv[2]).read_text("utf-8"))),
        port=int(sys.argv[1]),
        access_log=False,
        lifespan="off",
        server_header=False,
        log_level="warning",
    )
