"""Translation of PostgreSQL's errors into sentences with a remedy and without a secret.

A temporary failure becomes a ``TransientError``.
"""

from collections.abc import Iterator
from contextlib import contextmanager

import adbc_driver_manager
import psycopg2
import sqlalchemy as sa

from bizy_assets.core.errors import PasswordError, TargetError, TransientError
from bizy_assets.core.postgres.refusal import Reason, find_reason, server_words
from bizy_assets.core.postgres.urls import describe_url

_INSUFFICIENT_PRIVILEGE = "42501"

_CANNOT_CONNECT_NOW = "57P03"
_TOO_MANY_CONNECTIONS = "53300"
_ROLLED_BACK = {"40001", "40P01"}
"""Serialization failure and deadlock."""

_UNREACHABLE = (
    # libpq adds this question to any error of the operating system, a missing socket included.
    "Is the server running",
    "timeout expired",
)
_UNKNOWN_HOST = "could not translate host name"
_FULL = "too many connections for"
"""Part of a message that names a role or database, but does not refuse it; in English only."""


@contextmanager
def translate_errors(url: sa.URL, variable: str = "DATABASE_URL") -> Iterator[None]:
    """Raise the PostgreSQL errors of a block as errors that the user can fix.

    The messages name the environment variable that holds the URL.

    Raises:
        TargetError: PostgreSQL refuses the connection or a statement.
    """
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
            f"The role {url.username!r} lacks a privilege on {where} ({reason}); ask the object's "
            f"owner to grant it, or set another role in {variable}."
        )
    if code in _ROLLED_BACK:
        return TransientError(
            f"PostgreSQL at {where} rolled back a transaction that conflicted with another "
            f"session ({reason}, code {code}); run again."
        )
    if code in {_CANNOT_CONNECT_NOW, _TOO_MANY_CONNECTIONS}:
        return TransientError(_busy_sentence(str(reason), where))
    if code.startswith(("08", "57P")):
        return TargetError(
            f"The connection to PostgreSQL at {where} was terminated ({reason}); uncommitted "
            "changes were rolled back, run again."
        )
    return TargetError(
        f"PostgreSQL at {where} refused a statement ({reason}, code {code}); uncommitted changes "
        "were rolled back, remove the cause and run again."
    )


def _diagnosis(error: BaseException | None) -> tuple[str | None, str | None]:
    """Return the SQLSTATE and the primary message of an error of either driver."""
    if isinstance(error, adbc_driver_manager.Error):
        # The names of details are bytes, contrary to the driver's type hints.
        texts = [text for name, text in error.details if "MESSAGE_PRIMARY" in str(name)]
        return error.sqlstate, texts[0].decode() if texts else error.sqlstate
    code = getattr(error, "pgcode", None)
    return code, getattr(getattr(error, "diag", None), "message_primary", None) or code


def _without_session(text: str, url: sa.URL, variable: str) -> TargetError:
    """Translate a connection error, which has no SQLSTATE, by its text."""
    words = server_words(text)
    if "no password supplied" in text or "password authentication failed" in text:
        # Known in English without another attempt. Servers do not reveal which of both is wrong.
        return PasswordError(_role_sentence(url, variable))
    if words is not None:
        return _refused(words, url, variable)
    where = describe_url(url)
    reason = " ".join(text.strip().splitlines()[:1]) or "no reason given"
    if "closed the connection unexpectedly" in text or "connection already closed" in text:
        return TargetError(
            f"The connection to PostgreSQL at {where} was lost; uncommitted changes were rolled "
            "back, run again."
        )
    if _UNKNOWN_HOST in text:
        # What is in the place of the host may be a password.
        return TransientError(
            f"PostgreSQL cannot be reached, because the host in {variable} is unknown to this "
            "machine; correct it, or restore the connection to the network."
        )
    sentence = (
        f"PostgreSQL at {where} cannot be reached ({reason}); start the server, or correct host "
        f"and port in {variable}."
    )
    is_transient = any(part in text for part in _UNREACHABLE)
    return TransientError(sentence) if is_transient else TargetError(sentence)


def _refused(words: str, url: sa.URL, variable: str) -> TargetError:
    """Translate a refusal of the server, given in its own words."""
    where = describe_url(url)
    reason = Reason.UNAVAILABLE if _FULL in words else find_reason(words, url)
    if reason is Reason.UNAVAILABLE:
        return TransientError(_busy_sentence(words, where))
    if reason is Reason.ROLE_REFUSED:
        return PasswordError(_role_sentence(url, variable, words))
    if reason is Reason.DATABASE_MISSING:
        return TargetError(
            f"The database {url.database!r} does not exist at {where}; create it "
            f"(createdb {url.database}) or name another one in {variable}."
        )
    return TargetError(
        f"PostgreSQL at {where} answers but rejects role {url.username!r} ({words}); ask the "
        f"server's administrator for access, or correct {variable}."
    )


def _role_sentence(url: sa.URL, variable: str, words: str | None = None) -> str:
    refused = f", or does not admit it ({words})" if words else ""
    return (
        f"PostgreSQL at {describe_url(url)} has no role {url.username!r} with the password given"
        f"{refused}; correct role and password in {variable}."
    )


def _busy_sentence(reason: str, where: str) -> str:
    return (
        f"PostgreSQL at {where} accepts no connections now ({reason}); wait until it does, or "
        "remove the cause, then run again."
    )
