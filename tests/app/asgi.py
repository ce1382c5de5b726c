"""Questions to the screen's server without a network: the ASGI protocol by hand."""

import asyncio
import json
from concurrent.futures import ThreadPoolExecutor
from typing import NamedTuple


class Answer(NamedTuple):
    """What the server sent."""

    status: int
    headers: dict[str, str]
    body: bytes

    @property
    def json(self):
        return json.loads(self.body)


def ask(app, path: str, body=None, raw: bytes | None = None, **headers: str) -> Answer:
    """GET ``path``, or POST ``body`` as JSON (``raw``: as it is)."""
    headers = {"host": "127.0.0.1"} | headers
    content = raw if raw is not None else b"" if body is None else json.dumps(body).encode()
    path, _, query = path.partition("?")
    scope = {
        "type": "http", "asgi": {"version": "3.0"}, "http_version": "1.1", "scheme": "http", "root_path": "",
        "method": "POST" if content else "GET", "path": path, "raw_path": path.encode(), "query_string": query.encode(),
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()], "client": ("127.0.0.1", 1), "server": ("127.0.0.1", 80),
    }  # fmt: skip
    sent, messages = [], [{"type": "http.request", "body": content, "more_body": False}]

    async def receive():
        if not messages:
            await asyncio.Event().wait()  # nobody hangs up
        return messages.pop()

    async def send(message):
        sent.append(message)

    with ThreadPoolExecutor(1) as thread:  # a browser's test may have a loop running in this one
        thread.submit(lambda: asyncio.run(app(scope, receive, send))).result()
    told = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    return Answer(sent[0]["status"], told, b"".join(part.get("body", b"") for part in sent[1:]))
