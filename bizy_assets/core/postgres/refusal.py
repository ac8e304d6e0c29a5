"""Why a server refuses a connection, whatever language it speaks.

libpq passes on the text of a refusal, in the server's language, without its SQLSTATE. But libpq's
own messages are in English here, the text quotes the names that it is about, and a connection of
the same role to another database shows whether the role is admitted at all.
"""

import getpass
import re
from contextlib import closing
from enum import Enum, auto

import psycopg2
import sqlalchemy as sa

from bizy_assets.core.postgres.urls import libpq_parameters


class Reason(Enum):
    """Reasons for which a server refuses a connection."""

    UNAVAILABLE = auto()
    """It starts, stops, or has no connection left."""
    DATABASE_MISSING = auto()
    ROLE_REFUSED = auto()
    """It refuses the role with this password in every database."""
    OTHER = auto()


_SERVER_WORDS = re.compile(r"(?:\A|failed: )[^\s:\"]+:  (.+)")
"""libpq separates the severity, which is translated too, by two spaces; its own texts have none."""

_MAINTENANCE_DATABASES = ("postgres", "template1")

_DATABASE = """
    SELECT pg_catalog.has_database_privilege(oid, 'CONNECT') AND datallowconn
    FROM pg_catalog.pg_database WHERE datname OPERATOR(pg_catalog.=) %s
"""


def server_words(text: str) -> str | None:
    """Return the server's own words in the text of a connection error, or None without any."""
    found = _SERVER_WORDS.findall(text)
    return str(found[-1]).strip() if found else None


def find_reason(words: str, url: sa.URL) -> Reason:
    """Return the reason of a refusal, for which it may connect to another database."""
    names = (url.username or getpass.getuser(), url.database or "")
    if not any(_quotes(words, name) for name in names):
        return Reason.UNAVAILABLE
    for database in _MAINTENANCE_DATABASES:
        if database != url.database:
            reason = _ask(url, database, words)
            if reason is not Reason.OTHER:
                return reason
    return Reason.OTHER


def _quotes(words: str, name: str) -> bool:
    """Return whether a text has a name in quotation marks of any language."""
    return re.search(rf"[^\w\s]\s?{re.escape(name)}\s?[^\w\s]", words) is not None


def _ask(url: sa.URL, database: str, words: str) -> Reason:
    """Find the reason through a connection to another database, if the server admits it."""
    parameters = {"connect_timeout": 10, **libpq_parameters(url), "dbname": database}
    try:
        with closing(psycopg2.connect(**parameters)) as connection, connection.cursor() as cursor:
            cursor.execute(_DATABASE, [url.database])
            found = cursor.fetchone()
    except psycopg2.Error as error:
        is_same = server_words(str(error)) == words and "pg_hba.conf" not in words
        return Reason.ROLE_REFUSED if is_same else Reason.OTHER
    if found is None:
        return Reason.DATABASE_MISSING
    # A role that may connect was refused for the limit of the database.
    return Reason.UNAVAILABLE if found[0] else Reason.OTHER
