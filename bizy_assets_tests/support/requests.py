"""Requests to an ASGI application in this process, as a server would pass them on."""

import asyncio
from typing import Any

from starlette.types import ASGIApp, Message, Scope


def ask(app: ASGIApp, method: str, path: str, headers: dict[str, str]) -> tuple[int, str, Any]:
    """Sends a request without a body; returns status, text and headers of the answer."""
    scope = {"type": "http", "method": method, "http_version": "1.1", "scheme": "http"}
    received, sent = [{"type": "http.request", "body": b"{}"}], []
    _talk(app, scope, path, headers, received, sent)
    told = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
    return sent[0]["status"], b"".join(each["body"] for each in sent[1:]).decode(), told


def open_socket(app: ASGIApp, headers: dict[str, str]) -> str:
    """Asks for a websocket; returns the type of the first answer."""
    sent: list[Message] = []
    scope = {"type": "websocket", "scheme": "ws", "subprotocols": ["graphql-ws"]}
    _talk(app, scope, "/socket", headers, [{"type": "websocket.connect"}], sent)
    return str(sent[0]["type"])


def _talk(
    app: ASGIApp,
    scope: Scope,
    path: str,
    headers: dict[str, str],
    received: list[dict[str, Any]],
    sent: list[Message],
) -> None:
    async def receive() -> Message:
        return received.pop(0)

    async def send(message: Message) -> None:
        sent.append(message)

    path, _, query = path.partition("?")
    pairs = [(name.encode(), value.encode()) for name, value in headers.items()]
    request = {**scope, "path": path, "query_string": query.encode(), "headers": pairs}
    asyncio.run(app(request, receive, send))  # type: ignore[arg-type]
