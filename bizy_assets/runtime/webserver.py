"""Dagster's webserver, protected against requests that other web pages make.

The UI has no user accounts, and any page that a user opens can make the browser send requests to
it. Dagster's own server would execute their mutations. ``python -m bizy_assets.runtime.webserver``
takes the options of ``dagster-webserver`` and refuses such requests. It also serves the start page.
"""

import ipaddress
import re
import sys
from typing import Any

from dagster_webserver import app as dagster_app
from dagster_webserver import cli as dagster_cli
from dagster_webserver.webserver import DagsterWebserver
from starlette.datastructures import MutableHeaders
from starlette.middleware import Middleware
from starlette.requests import HTTPConnection, Request
from starlette.responses import HTMLResponse, PlainTextResponse, Response
from starlette.routing import BaseRoute, Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send
from starlette.websockets import WebSocketClose

from bizy_assets.core.errors import BizyError, ConfigurationError
from bizy_assets.core.settings import environment
from bizy_assets.runtime.start_page import REPORTS_PATH, START_PATH, report_file, start_page

_AUTHORITY = re.compile(r"(?P<name>\[[0-9a-f:.]+\]|[a-z0-9._-]+)(:[0-9]+)?")
"""A host name or address, and perhaps a port."""

_GRAPHQL_TYPES = ("application/json", "application/graphql")
"""Content types that a browser sends to another origin only if the server allows it."""

_PAGE_HEADERS = {
    "Cache-Control": "no-store",
    "Content-Security-Policy": "default-src 'none'; style-src 'unsafe-inline'",
    "X-Content-Type-Options": "nosniff",
}
"""Headers of pages that load nothing and run no script."""

_GRAPHQL_REFUSAL = "Send GraphQL as a POST request with the content type application/json."


def main() -> None:
    """Run Dagster's command with the protected webserver."""
    try:
        ui_hosts()
    except ConfigurationError as error:
        sys.exit(str(error))
    # The command has no option for middleware; it looks up the class here.
    dagster_app.DagsterWebserver = ProtectedWebserver  # type: ignore[attr-defined]
    dagster_cli.main()  # type: ignore[no-untyped-call]


def ui_hosts() -> frozenset[str]:
    """Return the host names under which a proxy serves the UI.

    Raises:
        ConfigurationError: A name is not a host name with or without a port.
    """
    listed = (environment("BIZY_UI_HOSTS") or "").lower().split(",")
    hosts = frozenset(name.strip() for name in listed if name.strip())
    for host in sorted(hosts):
        if not _AUTHORITY.fullmatch(host):
            raise ConfigurationError(
                f"BIZY_UI_HOSTS contains {host!r}; set it to host names separated by commas, such "
                "as bizy.example.org."
            )
    return hosts


class ProtectedWebserver(DagsterWebserver[Any, Any]):
    """Dagster's webserver behind ``OriginMiddleware``, with mutations by POST only."""

    def build_middleware(self) -> list[Middleware]:
        """Check each request before Dagster's own middleware and routes see it."""
        return [Middleware(OriginMiddleware, ui_hosts()), *super().build_middleware()]

    def build_routes(self) -> list[BaseRoute]:
        """Add the start page and the reports, which Dagster's own routes would hide."""
        prefix = self._app_path_prefix
        routes = [
            Route(f"{prefix}{START_PATH}", self.start_endpoint),
            Route(f"{prefix}{REPORTS_PATH}/{{name}}", self.report_endpoint),
        ]
        return [*routes, *super().build_routes()]  # type: ignore[no-untyped-call]

    # Starlette runs functions that are not coroutines in a thread, where they may wait.
    def start_endpoint(self, _request: Request) -> Response:
        """Return the start page."""
        return HTMLResponse(start_page(self._process_context.instance), headers=_PAGE_HEADERS)

    def report_endpoint(self, request: Request) -> Response:
        """Return a report of the migration by the name of its file."""
        name = request.path_params["name"]
        try:
            file = report_file(name)
        except BizyError as error:
            return PlainTextResponse(str(error), status_code=500)
        if file is None:
            return PlainTextResponse("There is no such report.", status_code=404)
        return HTMLResponse(file.read_bytes(), headers=_PAGE_HEADERS)

    async def graphql_http_endpoint(self, request: Request) -> Response:
        """Execute GraphQL of POST requests only; GET returns the page with the query editor."""
        is_page = request.method == "GET" and "text/html" in request.headers.get("accept", "")
        content_type = request.headers.get("content-type", "")
        is_query = request.method == "POST" and content_type.startswith(_GRAPHQL_TYPES)
        if not (is_page or is_query):
            return PlainTextResponse(_GRAPHQL_REFUSAL, status_code=403)
        response: Response = await super().graphql_http_endpoint(request)
        return response


class OriginMiddleware:
    """Refuse requests for unknown hosts and from pages of other origins, websockets included.

    Browsers set ``Host``, ``Origin`` and ``Sec-Fetch-*`` themselves, and pages cannot change them.
    Other programs send no ``Origin`` and no ``Sec-Fetch-*``; they are not restricted.
    """

    def __init__(self, app: ASGIApp, hosts: frozenset[str]) -> None:
        self._app = app
        self._hosts = hosts

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Refuse a request with the reason, or pass it on."""

        async def send_unframed(message: Message) -> None:
            # No other page may show the UI in a frame and have the user click in it.
            if message["type"] == "http.response.start":
                MutableHeaders(scope=message)["X-Frame-Options"] = "SAMEORIGIN"
            await send(message)

        app = self._app
        if scope["type"] == "websocket" and self._refusal(HTTPConnection(scope)):
            # The status is 403 here too; pages cannot read a reason.
            app = WebSocketClose(1008)
        elif scope["type"] == "http" and (reason := self._refusal(HTTPConnection(scope))):
            app = PlainTextResponse(reason, status_code=403)
        await app(scope, receive, send_unframed)

    def _refusal(self, request: HTTPConnection) -> str | None:
        """Return the reason to refuse a request, if any."""
        host = request.headers.get("host", "").lower()
        if not self._is_known(host):
            return (
                f"This server does not answer to the host name {host!a}. "
                "If it should, add the name to BIZY_UI_HOSTS and restart it."
            )
        if self._is_foreign(request, host) and not _is_link(request):
            origin = request.headers.get("origin", "unknown")
            return (
                f"This server does not accept requests from other web pages (origin {origin!a}). "
                "If this page belongs to it, add the page's host name to BIZY_UI_HOSTS and "
                "restart it."
            )
        return None

    def _is_known(self, host: str) -> bool:
        """Return True unless a page could have given this server a name of its own in the DNS.

        A browser that sends an address as the host was directed to that address.
        """
        authority = _AUTHORITY.fullmatch(host)
        if authority is None:
            return False
        name = authority["name"]
        return not self._hosts.isdisjoint((host, name)) or name == "localhost" or _is_address(name)

    def _is_foreign(self, request: HTTPConnection, host: str) -> bool:
        """Return True if a page of another origin made the request.

        Browsers send ``Sec-Fetch-Site`` only to ``https`` and to this machine.
        """
        if (site := request.headers.get("sec-fetch-site")) is not None:
            return site not in ("same-origin", "none")
        if (origin := request.headers.get("origin")) is not None:
            return origin.lower().rpartition("://")[2] not in {host, *self._hosts}
        return False


def _is_address(name: str) -> bool:
    """Return True for an IP address as it is written in a URL."""
    try:
        ipaddress.ip_address(name.removeprefix("[").removesuffix("]"))
    except ValueError:
        return False
    return True


def _is_link(request: HTTPConnection) -> bool:
    """Return True if the user follows a link, or the redirect of a login, to a page of the UI."""
    wanted = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
    return request.scope.get("method") == "GET" and wanted.items() <= dict(request.headers).items()


if __name__ == "__main__":
    main()
