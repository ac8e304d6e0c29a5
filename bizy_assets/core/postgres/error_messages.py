"""Says in a sentence what PostgreSQL refuses, and what to do about it; never with a secret.

What it refuses only for the moment comes out as a ``PassingError``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import adbc_driver_manager
import psycopg2
import sqlalchemy as sa

from bizy_assets.core.errors import PasswordError, TargetError, TransientError
from bizy_assets.core.postgres.urls import describe_url

_INSUFFICIENT_PRIVILEGE = "42501"

_CANNOT_CONNECT_NOW = "57P03"
_TOO_MANY_CONNECTIONS = "53300"
_UNDONE_FOR_OTHERS = {"40001", "40P01"}
"""Serialization failure and deadlock."""

_NOT_THERE_YET = (
    # libpq asks this after whatever the operating system refused, a missing socket included.
    "Is the server running",
    "could not translate host name",
    "timeout expired",
)
_BUSY = (
    "the database system is",
    "too many clients already",
    "remaining connection slots are reserved",
    "too many connections for",
)
"""How PostgreSQL says before there is a session that it starts, stops, recovers, or is full."""


@contextmanager
def translate_errors(url: sa.URL, variable: str = "DATABASE_URL") -> Iterator[None]:
    """Turns PostgreSQL's errors into sentences that say what to do and hold no secret."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _translate(error.orig, url, variable) from None
    except (psycopg2.Error, adbc_driver_manager.Error) as error:
        raise _translate(error, url, variable) from None


def _translate(error: BaseException | None, url: sa.URL, variable: str) -> TargetError:
    where = describe_url(url)
    code, reason = _diagnosis(error)
    if code is None:
        return _without_session(str(error), url, variable)
    if code == _INSUFFICIENT_PRIVILEGE:
        return TargetError(
            f"The role {url.username!r} lacks a right on {where} ({reason}); let its owner grant "
            f"it, or name another role in {variable}."
        )
    if code in _UNDONE_FOR_OTHERS:
        return TransientError(
            f"PostgreSQL at {where} ended a transaction that could not go on beside another "
            f"session's ({reason}, code {code}); it is undone, run again."
        )
    if code in {_CANNOT_CONNECT_NOW, _TOO_MANY_CONNECTIONS}:
        return TransientError(_busy_sentence(str(reason), where))
    if code.startswith(("08", "57P")):
        return TargetError(
            f"The connection to PostgreSQL at {where} was ended ({reason}); what was not yet "
            "committed is undone, run again."
        )
    return TargetError(
        f"PostgreSQL at {where} refused a statement ({reason}, code {code}); what was not yet "
        "committed is undone, remove the cause and run again."
    )


def _diagnosis(error: BaseException | None) -> tuple[str | None, str | None]:
    """Returns PostgreSQL's code and its message's first line, whichever driver they came by."""
    if isinstance(error, adbc_driver_manager.Error):
        # The names of details are bytes, whatever the driver's own types say.
        said = [text for name, text in error.details if "MESSAGE_PRIMARY" in str(name)]
        return error.sqlstate, said[0].decode() if said else error.sqlstate
    code = getattr(error, "pgcode", None)
    return code, getattr(getattr(error, "diag", None), "message_primary", None) or code


def _without_session(text: str, url: sa.URL, variable: str) -> TargetError:
    """Explains a refusal before there is a session, where PostgreSQL gives no code."""
    where = describe_url(url)
    reason = " ".join(text.strip().splitlines()[:1]) or "no reason given"
    if any(words in text for words in _BUSY):
        return TransientError(_busy_sentence(reason, where))
    if _is_of_the_password(text):
        # Servers do not tell whether it is the role or its password.
        return PasswordError(
            f"PostgreSQL at {where} has no role {url.username!r} with the password given; correct "
            f"role and password in {variable}."
        )
    sentence = _connection_sentence(text, reason, url, variable)
    # A name may stand for several addresses; a refusal by one of them is no matter of time.
    passing = "FATAL:" not in text and any(words in text for words in _NOT_THERE_YET)
    return TransientError(sentence) if passing else TargetError(sentence)


def _is_of_the_password(text: str) -> bool:
    return "password authentication failed" in text or "no password supplied" in text


def _busy_sentence(reason: str, where: str) -> str:
    return (
        f"PostgreSQL at {where} takes no connection now ({reason}); wait until it does, then run "
        "again."
    )


def _connection_sentence(text: str, reason: str, url: sa.URL, variable: str) -> str:
    """Says what to do about a refusal by its text."""
    where = describe_url(url)
    if "database" in text and "does not exist" in text:
        return (
            f"The database {url.database!r} does not exist at {where}; create it "
            f"(createdb {url.database}) or name another one in {variable}."
        )
    if "role" in text and "does not exist" in text:
        return (
            f"The role {url.username!r} does not exist at {where}; create it or name another "
            f"one in {variable}."
        )
    if "closed the connection unexpectedly" in text or "connection already closed" in text:
        return (
            f"The connection to PostgreSQL at {where} was lost; what was not yet committed is "
            "undone, run again."
        )
    if "FATAL:" in text:
        return (
            f"PostgreSQL at {where} answers but lets role {url.username!r} not in ({reason}); let "
            f"the server's administrator change that, or correct {variable}."
        )
    return (
        f"PostgreSQL at {where} cannot be reached ({reason}); start the server, or correct host "
        f"and port in {variable}."
    )
