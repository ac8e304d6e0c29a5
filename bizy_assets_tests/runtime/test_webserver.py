"""Which requests the UI's webserver accepts, from which hosts and pages."""

import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.responses import PlainTextResponse
from starlette.routing import Route, WebSocketRoute
from starlette.websockets import WebSocket

from bizy_assets.core.errors import ConfigurationError
from bizy_assets.runtime.webserver import OriginMiddleware, ProtectedWebserver, main, ui_hosts
from bizy_assets_tests.support.requests import ask, open_socket

HOSTS = frozenset({"bizy.example.org", "bizy.example.org:8443"})
LOCAL = "127.0.0.1:3000"
FOREIGN = "http://attacker.example"
NAVIGATION = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "document"}
FRAME = {"sec-fetch-mode": "navigate", "sec-fetch-dest": "iframe"}

ACCEPTED: list[tuple[str, dict[str, str]]] = [
    # Programs, and the UI itself, under each name of this machine.
    ("POST", {"host": LOCAL}),
    ("POST", {"host": "LocalHost:3000"}),
    ("POST", {"host": "[::1]:3000"}),
    ("POST", {"host": "192.0.2.7:3000", "origin": "http://192.0.2.7:3000"}),
    ("POST", {"host": LOCAL, "origin": f"http://{LOCAL}", "sec-fetch-site": "same-origin"}),
    ("GET", {"host": LOCAL, "sec-fetch-site": "none", **NAVIGATION}),
    # Behind a proxy that passes the host on, and one that does not.
    ("POST", {"host": "bizy.example.org", "origin": "https://bizy.example.org"}),
    ("POST", {"host": LOCAL, "origin": "https://bizy.example.org"}),
    ("POST", {"host": LOCAL, "origin": "https://bizy.example.org:8443"}),
    ("POST", {"host": LOCAL, "origin": "https://other.example", "sec-fetch-site": "same-origin"}),
    # Links, and the redirect after a login.
    ("GET", {"host": LOCAL, "sec-fetch-site": "cross-site", **NAVIGATION}),
]

REFUSED: list[tuple[str, dict[str, str]]] = [
    ("POST", {"host": LOCAL, "origin": FOREIGN}),
    ("POST", {"host": LOCAL, "origin": "null"}),
    ("POST", {"host": LOCAL, "origin": ""}),
    ("POST", {"host": LOCAL, "origin": "http://127.0.0.1:8000"}),
    ("POST", {"host": LOCAL, "origin": "http://localhost:3000"}),
    ("POST", {"host": LOCAL, "origin": "https://bizy.example.org:9999"}),
    ("POST", {"host": LOCAL, "origin": f"{FOREIGN}/{LOCAL}"}),
    ("GET", {"host": LOCAL, "sec-fetch-site": "cross-site", "sec-fetch-mode": "no-cors"}),
    ("GET", {"host": LOCAL, "sec-fetch-site": "same-site", "sec-fetch-mode": "cors"}),
    ("GET", {"host": LOCAL, "sec-fetch-site": "cross-site", **FRAME}),
    ("POST", {"host": LOCAL, "sec-fetch-site": "cross-site", **NAVIGATION}),
    ("OPTIONS", {"host": LOCAL, "origin": FOREIGN}),
    # Names that a page's owner may give this machine.
    ("POST", {"host": "attacker.example:3000", "origin": "http://attacker.example:3000"}),
    ("POST", {"host": "localhost.attacker.example"}),
    ("POST", {"host": "user@localhost"}),
    ("POST", {"host": "bizy.example.org.attacker.example"}),
    ("GET", {"host": "attacker.example", "sec-fetch-site": "none", **NAVIGATION}),
    ("POST", {"host": ""}),
    ("POST", {}),
]


@pytest.fixture(scope="module")
def app() -> Starlette:
    """A page and a websocket behind the middleware alone."""

    async def socket(connection: WebSocket) -> None:
        await connection.accept()

    return Starlette(
        routes=[
            Route("/page", lambda _: PlainTextResponse("page"), methods=["GET", "POST"]),
            WebSocketRoute("/socket", socket),
        ],
        middleware=[Middleware(OriginMiddleware, HOSTS)],
    )


@pytest.fixture(scope="module")
def webserver() -> Starlette:
    """Dagster's routes, of which those that need a workspace are not asked."""
    return ProtectedWebserver(None).create_asgi_app()


@pytest.mark.parametrize(("method", "headers"), ACCEPTED)
def test_the_ui_and_programs_are_served(
    app: Starlette, method: str, headers: dict[str, str]
) -> None:
    status, text, told = ask(app, method, "/page", headers)
    assert (status, text) == (200, "page")
    assert told["x-frame-options"] == "SAMEORIGIN"
    if method == "POST":
        assert open_socket(app, headers) == "websocket.accept"


@pytest.mark.parametrize(("method", "headers"), REFUSED)
def test_other_pages_and_unknown_hosts_are_refused_with_what_to_set(
    app: Starlette, method: str, headers: dict[str, str]
) -> None:
    status, text, _ = ask(app, method, "/page", headers)
    assert (status, "BIZY_UI_HOSTS" in text) == (403, True)
    assert open_socket(app, headers) == "websocket.close"


def test_a_refusal_repeats_no_control_character(app: Starlette) -> None:
    _, text, _ = ask(app, "POST", "/page", {"host": "a\x1b[31m\u202e"})
    assert text.isascii()
    assert text.isprintable()


@pytest.mark.parametrize(
    ("method", "headers"),
    [
        ("GET", {"accept": "*/*"}),
        ("GET", {"content-type": "application/json"}),
        ("HEAD", {"accept": "text/html"}),
        ("POST", {}),
        ("POST", {"content-type": "text/plain; a=application/json"}),
        ("POST", {"content-type": "application/x-www-form-urlencoded"}),
    ],
)
def test_graphql_is_not_taken_from_the_query_or_as_a_simple_request(
    webserver: Starlette, method: str, headers: dict[str, str]
) -> None:
    path = "/graphql?query=mutation{shutdownRepositoryLocation}"
    status, text, _ = ask(webserver, method, path, {"host": LOCAL, **headers})
    assert (status, text) == (
        403,
        "Send GraphQL as a POST request with the content type application/json.",
    )


def test_graphql_of_programs_and_the_query_editor_reach_dagster(webserver: Starlette) -> None:
    json = {"host": LOCAL, "content-type": "application/json; charset=utf-8"}
    status, text, _ = ask(webserver, "POST", "/graphql", json)
    assert (status, text) == (400, "No GraphQL query found in the request")
    editor = {"host": LOCAL, "accept": "text/html,*/*"}
    assert "<title>GraphiQL</title>" in ask(webserver, "GET", "/graphql?query=x", editor)[1]


def test_the_hosts_of_a_proxy_are_read_from_a_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    assert ui_hosts() == frozenset()
    monkeypatch.setenv("BIZY_UI_HOSTS", " Bizy.example.org, bizy.example.org:8443 ,")
    assert ui_hosts() == HOSTS


@pytest.mark.parametrize("value", ["https://bizy.example.org", "*.example.org", "a b"])
def test_what_is_no_host_name_is_refused_at_the_start(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("BIZY_UI_HOSTS", value)
    with pytest.raises(ConfigurationError, match="such as bizy"):
        ui_hosts()
    with pytest.raises(SystemExit, match="BIZY_UI_HOSTS contains "):
        main()
