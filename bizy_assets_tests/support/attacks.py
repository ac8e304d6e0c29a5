"""A page of another origin that sends the Dagster UI whatever a browser lets it send."""

import http.server
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from playwright.sync_api import Page

from bizy_assets_tests.support.graphql import ask

HOST = "attacker.example"
"""The browser resolves it to this machine, as a name server of an attacker might."""

SELECTOR = (
    '{repositoryLocationName: "bizy_assets.definitions", repositoryName: "__repository__", '
    'jobName: "rollback"}'
)
ROLLBACK = (
    f"mutation {{launchRun(executionParams: {{selector: {SELECTOR}, "
    'runConfigData: "{}"}) {__typename}}'
)
RUNS = '{runsOrError(filter: {pipelineName: "rollback"}) {... on Runs {results {runId}}}}'

ATTACKS = """async ([ui, mutation]) => {
    const url = `${ui}/graphql?query=${encodeURIComponent(mutation)}`;
    const body = JSON.stringify({query: mutation});
    const loaded = (element) => new Promise((done) => {
        element.onload = () => done("loaded");
        element.onerror = () => done("failed");
        document.body.append(element);
    });
    const sent = (url, options) =>
        fetch(url, {mode: "no-cors", ...options}).then(() => "sent", () => "failed");
    const image = () => loaded(Object.assign(new Image(), {src: url}));
    const form = () => {
        const form = document.createElement("form");
        Object.assign(form, {action: url, method: "post", enctype: "text/plain", target: "frame"});
        document.body.append(form);
        const frame = loaded(Object.assign(document.createElement("iframe"), {name: "frame"}));
        form.submit();
        return frame;
    };
    const socket = () => new Promise((done) => {
        const socket = new WebSocket(`${ui.replace("http", "ws")}/graphql`, "graphql-ws");
        socket.onopen = () => done("opened");
        socket.onerror = () => done("refused");
    });
    const frame = () => loaded(Object.assign(document.createElement("iframe"), {src: ui}));
    return {
        image: await image(),
        get: await sent(url),
        post: await sent(url, {method: "post"}),
        json: await sent(`${ui}/graphql`, {
            method: "post", body, headers: {"content-type": "text/plain; a=application/json"},
        }),
        beacon: navigator.sendBeacon(url),
        form: await form(),
        report: await sent(`${ui}/report_asset_materialization/pg_tasks`, {method: "post"}),
        socket: await socket(),
        frame: await frame(),
    };
}"""


@contextmanager
def attacker() -> Iterator[str]:
    """Serves an empty page, and yields its address."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<body>")

        def log_message(self, *_: object) -> None:
            pass

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://{HOST}:{server.server_port}"
    server.shutdown()
    server.server_close()


def attack(page: Page, ui: str) -> tuple[dict[str, Any], list[int]]:
    """Lets the page that is open try everything; returns what it noticed, and the UI's answers."""
    answers: list[int] = []

    def note(response: Any) -> None:
        if response.url.startswith(ui):
            answers.append(response.status)

    page.on("response", note)
    noticed: dict[str, Any] = page.evaluate(ATTACKS, [ui, ROLLBACK])
    page.remove_listener("response", note)
    return noticed, answers


def rollbacks(ui: str) -> int:
    """Returns the number of rollbacks that were started."""
    return len(ask(ui, RUNS)["runsOrError"]["results"])
