"""Alerts about failed runs, to a webhook and to a command.

The address of the webhook and the arguments of the command may hold a token. No message and no
error names them, nor what the other side answers.
"""

import http.client
import json
import os
import shlex
import signal
import subprocess
import urllib.error
import urllib.request
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Annotated, Any
from urllib.parse import urlsplit

import dagster as dg
from pydantic import AfterValidator

from bizy_assets.core.common import CheckOutcome, shorten
from bizy_assets.core.errors import BizyError, printable
from bizy_assets.core.reconcile import checks
from bizy_assets.core.settings import Settings, environment, setting
from bizy_assets.metadata import PARTITION
from bizy_assets.runtime.console_logger import check_outcome

_WEBHOOK_SECONDS = 10
_COMMAND_SECONDS = 30
_REASON_LENGTH = 1000


class AlertError(BizyError):
    """An alert could not be sent."""


def _webhook(address: str) -> str:
    """Validate an address without quoting it."""
    try:
        parts = urlsplit(address)
        is_valid = parts.scheme in {"http", "https"} and bool(parts.hostname) and "@" not in address
    except ValueError:
        is_valid = False
    if not is_valid or not address.isprintable() or " " in address:
        raise ValueError(
            "is not the address of a webhook; set it to one like https://hooks.example.org/token, "
            "without user and password."
        )
    return address


def _arguments(command: str) -> str:
    """Validate a command without quoting it."""
    try:
        if shlex.split(command):
            return command
    except ValueError:
        pass
    raise ValueError("has unbalanced quotes; quote each argument as in a shell.")


class AlertSettings(Settings):
    """Where failed runs are reported."""

    url: Annotated[str, AfterValidator(_webhook)] | None = setting(
        "alert_url",
        "BIZY_ALERT_URL",
        default=None,
        description="Address of a webhook, to which a message is posted as JSON.",
    )

    command: Annotated[str, AfterValidator(_arguments)] | None = setting(
        "alert_command",
        "BIZY_ALERT_COMMAND",
        default=None,
        description="Command that is run, without a shell, with a message on its standard input.",
    )


@dataclass(frozen=True, kw_only=True)
class Alert:
    """A failed run, its first reason and, if the address of the UI is known, a link to it.

    The file is the partition of the run, if it has one.
    """

    job: str
    run_id: str
    reason: str
    time: datetime
    file: str | None = None
    link: str | None = None

    @property
    def text(self) -> str:
        """The alert as text for people."""
        of_file = f" for {self.file}" if self.file else ""
        lines = [f"The Bizy job {self.job} failed{of_file}: {self.reason}", f"Run: {self.run_id}"]
        lines += [f"Time: {self.time.isoformat(timespec='seconds')}"]
        lines += [f"Details: {self.link}"] if self.link else []
        return "\n".join(lines)

    @property
    def payload(self) -> dict[str, str | None]:
        """The alert as JSON; chat services show ``text``."""
        return {
            "text": self.text,
            "job": self.job,
            "run_id": self.run_id,
            "file": self.file,
            "reason": self.reason,
            "time": self.time.isoformat(timespec="seconds"),
            "link": self.link,
        }


def alert_about(instance: dg.DagsterInstance, run: dg.DagsterRun) -> Alert:
    """Return the alert about a failed run."""
    ended = instance.get_run_stats(run.run_id).end_time
    hosts = (environment("BIZY_UI_HOSTS") or "").split(",")
    return Alert(
        job=run.job_name,
        run_id=run.run_id,
        reason=shorten(printable(_first_reason(instance, run.run_id)), _REASON_LENGTH),
        file=run.tags.get(PARTITION),
        time=datetime.fromtimestamp(ended, UTC) if ended else datetime.now(UTC),
        link=f"https://{hosts[0].strip()}/runs/{run.run_id}" if hosts[0].strip() else None,
    )


def send_alert(alert: Alert, settings: AlertSettings) -> None:
    """Post an alert to the webhook and pass it to the command, as far as they are set.

    Raises:
        AlertError: One of them failed; the other one was tried.
    """
    problems = []
    if settings.url and (problem := _post(settings.url, alert.payload)):
        problems.append(f"the webhook of BIZY_ALERT_URL {problem}")
    if settings.command and (problem := _run(settings.command, alert.text)):
        problems.append(f"the command of BIZY_ALERT_COMMAND {problem}")
    if problems:
        raise AlertError(
            f"The alert about run {alert.run_id} was not sent: {'; '.join(problems)}. Correct the "
            "setting and restart the UI; failures after that are reported again."
        )


def _first_reason(instance: dg.DagsterInstance, run_id: str) -> str:
    """Return the first reason of a failed run, as its events give it.

    The text of an unexpected error could hold any value, so only its kind is named.
    """
    types = {
        dg.DagsterEventType.STEP_FAILURE,
        dg.DagsterEventType.ASSET_CHECK_EVALUATION,
        dg.DagsterEventType.RUN_FAILURE,
    }
    for entry in instance.all_logs(run_id, of_type=types):
        if entry.dagster_event is not None and (reason := _reason(entry.dagster_event)):
            return reason
    return "the process of the run ended; its last messages are on the run's page."


def _reason(event: dg.DagsterEvent) -> str | None:
    match event.event_type:
        case dg.DagsterEventType.ASSET_CHECK_EVALUATION:
            data = event.asset_check_evaluation_data
            if check_outcome(data) is not CheckOutcome.FAILED:
                return None
            asset = data.asset_key.to_user_string()
            return checks.check_failure(data.check_name, asset, data.description or "")
        case dg.DagsterEventType.STEP_FAILURE:
            failure = event.step_failure_data
            if failure.user_failure_data is not None:
                return failure.user_failure_data.description
            return _kind_of_error(failure.error)
        case _:
            error = event.job_failure_data.error
            return _kind_of_error(error) if error else event.message


def _kind_of_error(error: Any) -> str | None:  # noqa: ANN401 - Dagster exports no type for it
    while error is not None and error.cause is not None:
        error = error.cause
    if error is None:
        return None
    return f"an unexpected error ({error.cls_name}); the run's page has its stack trace."


class _NoRedirect(urllib.request.HTTPRedirectHandler):
    """Treat a redirect as an error: it would turn the message into a request without one."""

    def redirect_request(self, *_: Any) -> None:  # noqa: ANN401
        """Refuse."""


def _post(url: str, payload: dict[str, str | None]) -> str | None:
    """Post JSON, and return what went wrong, if anything."""
    body = json.dumps({name: value for name, value in payload.items() if value}).encode()
    headers = {"Content-Type": "application/json", "User-Agent": "bizy-assets"}
    request = urllib.request.Request(url, body, headers)  # noqa: S310 - validated
    try:
        with urllib.request.build_opener(_NoRedirect).open(request, timeout=_WEBHOOK_SECONDS):
            return None
    except urllib.error.HTTPError as error:
        error.close()
        return f"answered with status {error.code}"
    except TimeoutError:
        return f"did not answer within {_WEBHOOK_SECONDS} s"
    except (OSError, http.client.HTTPException, ValueError) as error:
        return f"cannot be reached ({_kind(getattr(error, 'reason', error))})"


def _kind(error: object) -> str:
    """Describe an error without its text, which may quote an address or an argument."""
    if isinstance(error, OSError) and error.errno is not None and error.errno > 0:
        return os.strerror(error.errno)
    return type(error).__name__


def _run(command: str, text: str) -> str | None:
    """Run a command with a text on its standard input, and return what went wrong, if anything."""
    try:
        process = subprocess.Popen(  # noqa: S603 - the user's own command
            shlex.split(command),
            stdin=subprocess.PIPE,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            start_new_session=True,
        )
    except (OSError, ValueError) as error:
        return f"cannot be started ({_kind(error)})"
    try:
        process.communicate(text.encode(), timeout=_COMMAND_SECONDS)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait()
        return f"did not end within {_COMMAND_SECONDS} s and was stopped"
    return f"ended with status {process.returncode}" if process.returncode else None
