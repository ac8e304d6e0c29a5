"""The sensor ``alert_on_failure``: a failed run reaches a webhook and a command, once."""

import json
import shlex
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import dagster as dg
import pytest

from bizy_assets.core.errors import ConfigurationError
from bizy_assets.runtime import AlertSettings, alerts
from bizy_assets.sensors import alert_on_failure
from bizy_assets_tests.support.migrations import Migration

TOKEN = "t0p-s3cret"
NOTHING = "Sensor function returned an empty result"
"""Dagster's reason for skipping where no run has failed since the last tick."""


@dataclass
class Webhook:
    """A web server that answers every message with a status."""

    status: int = 200
    received: list[dict[str, Any]] = field(default_factory=list)
    address: str = ""


@pytest.fixture
def webhook() -> Iterator[Webhook]:
    hook = Webhook()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            length = int(self.headers["Content-Length"])
            hook.received.append(json.loads(self.rfile.read(length)))
            self.send_response(hook.status, TOKEN)
            self.send_header("Location", hook.address)
            self.end_headers()

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    hook.address = f"http://127.0.0.1:{server.server_port}/hooks/{TOKEN}"
    yield hook
    server.shutdown()
    thread.join()
    server.server_close()


class Ticks:
    """The sensor as Dagster's daemon evaluates it, which keeps its cursor."""

    def __init__(self, instance: dg.DagsterInstance) -> None:
        self.instance = instance
        self.cursor: str | None = None
        # The first tick sets the cursor behind everything that happened before.
        self.tick()

    def tick(self) -> tuple[str, list[Any]]:
        """Returns the reason for skipping, if any, and the runs that were reacted to."""
        context = dg.build_sensor_context(self.instance, self.cursor)
        data = alert_on_failure.evaluate_tick(context)
        self.cursor = data.cursor
        return data.skip_message or "", list(data.dagster_run_reactions)


def failed(migration: Migration) -> str:
    """Runs a job that fails, and returns the id of its run."""
    migration.setenv(BIZY_SOURCE_TIMEZONE="Mars/Olympus")
    outcome = migration.run()
    assert not outcome.success
    return outcome.result.run_id


def test_a_failed_run_is_posted_once_and_passed_to_the_command(
    migration: Migration, webhook: Webhook, tmp_path: Path
) -> None:
    heard = tmp_path / "heard by a command.txt"
    code = "import pathlib, sys; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read())"
    command = shlex.join([sys.executable, "-c", code, str(heard)])
    before = failed(migration)
    ticks = Ticks(migration.instance)
    migration.setenv(
        BIZY_ALERT_URL=webhook.address, BIZY_ALERT_COMMAND=command, BIZY_UI_HOSTS="bizy.example.org"
    )
    run_id = failed(migration)
    _, [reaction] = ticks.tick()
    assert reaction.error is None
    [message] = webhook.received
    assert before not in str(message)
    assert (message["job"], message["run_id"]) == ("migrate", run_id)
    assert message["reason"].startswith("BIZY_SOURCE_TIMEZONE")
    assert "Mars/Olympus" in message["reason"]
    assert message["link"] == f"https://bizy.example.org/runs/{run_id}"
    assert message["time"].endswith("+00:00")
    assert heard.read_text() == message["text"]
    assert message["text"].startswith("The Bizy job migrate failed: BIZY_SOURCE_TIMEZONE")
    assert TOKEN not in json.dumps(message)
    assert ticks.tick()[1] == []
    assert len(webhook.received) == 1


@pytest.mark.migrated
def test_the_reason_of_a_failed_check_is_the_check(migration: Migration, webhook: Webhook) -> None:
    migration.query("DELETE FROM goals WHERE id = 1")
    ticks = Ticks(migration.instance)
    migration.setenv(BIZY_ALERT_URL=webhook.address)
    assert not migration.run("verify").success
    ticks.tick()
    [message] = webhook.received
    assert message["job"] == "verify"
    assert message["reason"].startswith("Check ")
    assert "(id 1)" in message["reason"]
    assert "link" not in message


def test_a_webhook_that_refuses_or_is_down_is_reported_once_without_its_address(
    migration: Migration, webhook: Webhook
) -> None:
    ticks = Ticks(migration.instance)
    for address, status, words in (
        (webhook.address, 404, "the webhook of BIZY_ALERT_URL answered with status 404"),
        (webhook.address, 302, "the webhook of BIZY_ALERT_URL answered with status 302"),
        (f"http://127.0.0.1:1/{TOKEN}", 0, "cannot be reached (Connection refused)"),
        (f"http://name.invalid/{TOKEN}", 0, "cannot be reached (gaierror)"),
        (f"ftp://127.0.0.1/{TOKEN}", 0, "BIZY_ALERT_URL is not the address of a webhook"),
        (f"https://me:{TOKEN}@127.0.0.1/", 0, "BIZY_ALERT_URL is not the address of a webhook"),
    ):
        webhook.status = status
        migration.setenv(BIZY_ALERT_URL=address)
        failed(migration)
        _, [reaction] = ticks.tick()
        assert words in reaction.error.message
        assert TOKEN not in reaction.error.to_string()
        # It does not try again.
        assert ticks.tick() == (NOTHING, [])
    assert len(webhook.received) == 2


def test_a_command_that_fails_is_reported_without_its_arguments(
    migration: Migration, monkeypatch: pytest.MonkeyPatch
) -> None:
    ticks = Ticks(migration.instance)
    monkeypatch.setattr(alerts, "_COMMAND_SECONDS", 1)
    for command, words in (
        (["sh", "-c", f"exit 3 # {TOKEN}"], "ended with status 3"),
        (["/there/is/none", TOKEN], "cannot be started (No such file or directory)"),
        (["sh", "-c", f"sleep 600; : {TOKEN}"], "did not end within 1 s and was stopped"),
    ):
        migration.setenv(BIZY_ALERT_COMMAND=shlex.join(command))
        failed(migration)
        _, [reaction] = ticks.tick()
        assert f"the command of BIZY_ALERT_COMMAND {words}" in reaction.error.message
        assert TOKEN not in reaction.error.to_string()


def test_without_a_receiver_it_skips_with_a_reason(migration: Migration) -> None:
    ticks = Ticks(migration.instance)
    failed(migration)
    reason, reactions = ticks.tick()
    assert "Neither BIZY_ALERT_URL nor BIZY_ALERT_COMMAND is set" in reason
    assert reactions == []
    assert ticks.tick() == (NOTHING, [])


@pytest.mark.parametrize("command", ["mail 'unbalanced", "''' ", '"'])
def test_a_command_that_cannot_be_split_is_refused_without_quoting_it(
    monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("BIZY_ALERT_COMMAND", command)
    with pytest.raises(ConfigurationError) as error:
        AlertSettings.read()
    assert str(error.value) == (
        "BIZY_ALERT_COMMAND has unbalanced quotes; quote each argument as in a shell."
    )


def test_an_unexpected_error_is_named_by_its_kind_only() -> None:
    @dg.op
    def broken() -> None:
        raise KeyError(TOKEN)

    @dg.job
    def job() -> None:
        broken()

    with dg.DagsterInstance.ephemeral() as instance:
        run = job.execute_in_process(instance=instance, raise_on_error=False).dagster_run
        alert = alerts.alert_about(instance, run)
    assert alert.reason == ("an unexpected error (KeyError); the run's page has its stack trace.")
