"""Refused connections: the same explanation whatever language the server speaks."""

import os
from collections.abc import Iterator
from contextlib import ExitStack, closing
from pathlib import Path

import psycopg2
import pytest

from bizy_assets.core.errors import PasswordError, TargetError, TransientError
from bizy_assets.core.postgres.connection import connect
from bizy_assets.core.postgres.refusal import Reason, find_reason, server_words
from bizy_assets.core.postgres.urls import libpq_parameters, parse_url
from bizy_assets_tests.support.families import exhaustive
from bizy_assets_tests.support.servers import Server, installed

TRANSLATIONS = Path("/usr/share/locale/de/LC_MESSAGES/postgres-15.mo")

OTHER_LANGUAGES = ("fr", "ru", "ja", "ko")

BUSY = [
    "sorry, too many clients already",
    "tut mir leid, schon zu viele Verbindungen",
    "le système de bases de données se lance",
    "система баз данных запускается",
    "現在クライアント数が多すぎます",
    "数据库系统启动中",
]
NAMING = [
    "Passwort-Authentifizierung für Benutzer »{}« fehlgeschlagen",
    "authentification par mot de passe échouée pour l'utilisateur  «\u00a0{}\u00a0»",
    'пользователь "{}" не прошёл проверку подлинности (по паролю)',
    'ユーザー"{}"のパスワード認証に失敗しました',
    '"{}" 데이터베이스 없음',
]  # fmt: skip


@pytest.mark.parametrize("severity", ["FATAL", "ВАЖНО", "致命错误", "치명적오류"])
def test_the_words_of_a_server_are_recognized(severity: str) -> None:
    at = 'connection to server at "127.0.0.1", port 1 failed: '
    text = (
        f"{at}Connection refused\n\tIs the server running?\n{at}{severity}:  ab c: d\nDETAIL:  e\n"
    )
    assert server_words(text) == "ab c: d"
    for own in ("Connection refused", "SSL error: certificate verify failed", "timeout expired"):
        assert server_words(f"{at}{own}\n") is None


@pytest.mark.parametrize("words", BUSY)
def test_words_that_name_neither_role_nor_database_are_about_the_server(words: str) -> None:
    # Nothing listens there, so the words decide.
    url = parse_url("host=127.0.0.1 port=1 user=zu dbname=clients", variable="")
    assert find_reason(words, url) is Reason.UNAVAILABLE


@pytest.mark.parametrize("words", NAMING)
def test_a_name_is_found_in_the_quotation_marks_of_a_language(words: str) -> None:
    url = parse_url("host=127.0.0.1 port=1 user=u dbname=d", variable="")
    for name in ("u", "d"):
        assert find_reason(words.format(name), url) is Reason.OTHER


@pytest.fixture(scope="module")
def refusing(server: Server) -> Iterator[Server]:
    """The server of most tests, with the roles and databases of ``prepare``."""
    yield from prepare(server)


def prepare(server: Server) -> Iterator[Server]:
    """Makes roles and databases that a server refuses, each for another reason."""
    statements = (
        "CREATE ROLE refused LOGIN PASSWORD 'otter-3141'",
        "CREATE DATABASE refused OWNER refused",
        "CREATE DATABASE refusedclosed",
        "REVOKE CONNECT ON DATABASE refusedclosed FROM public",
        "CREATE DATABASE refusedfull CONNECTION LIMIT 0",
    )
    names = ("DATABASE refusedfull", "DATABASE refusedclosed", "DATABASE refused", "ROLE refused")
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        for statement in statements:
            cursor.execute(statement)
        yield server
    with closing(server.connect()) as connection, connection.cursor() as cursor:
        for name in names:
            cursor.execute(f"DROP {name}")


CASES = [
    ("refused", "wrong", Reason.ROLE_REFUSED, PasswordError, "has no role 'refused' with the"),
    ("refusedno", "otter-3141", Reason.DATABASE_MISSING, TargetError, "create it (createdb"),
    ("refusedclosed", "otter-3141", Reason.OTHER, TargetError, "answers but rejects role"),
    ("refusedfull", "otter-3141", Reason.UNAVAILABLE, TransientError, "accepts no connections"),
]


@pytest.mark.parametrize(("database", "password", "reason", "kind", "text"), CASES)
def test_the_reason_is_found_without_understanding_the_words(
    refusing: Server, database: str, password: str, reason: Reason, kind: type, text: str
) -> None:
    url = parse_url(refusing.url(database, "refused", password), variable="")
    with pytest.raises(psycopg2.OperationalError) as caught:
        psycopg2.connect(**libpq_parameters(url))
    words = server_words(str(caught.value))
    assert words is not None
    assert find_reason(words, url) is reason
    assert sentence_of(refusing, database, password, kind).count(text) == 1


@pytest.fixture
def foreign(request: pytest.FixtureRequest, folder: Path) -> Iterator[Server]:
    """A server of Debian's PostgreSQL 15 that speaks another language."""
    try:
        programs = installed(15)
        if not TRANSLATIONS.exists():
            raise FileNotFoundError(f"{TRANSLATIONS} is missing; install the package again with it")
    except FileNotFoundError as error:
        if os.environ.get("CI") == "true" and request.config.getoption("--postgres") == 15:
            raise
        pytest.skip(f"NOT TESTED: servers in other languages. {error}")
    server = Server(programs, folder / f"language-{request.param}", language=request.param)
    # Enough for refused sessions that have not quite ended.
    server.start("fsync=off", "max_connections=10", "max_wal_senders=0")
    yield from prepare(server)
    server.stop("immediate")


@pytest.mark.core
@pytest.mark.parametrize(
    "foreign",
    [
        "de",
        *exhaustive("fr", "ru", "ja", "ko"),
    ],
    indirect=True,
)
def test_a_server_in_another_language_is_understood(foreign: Server) -> None:
    for database, password, _, kind, text in CASES:
        assert text in sentence_of(foreign, database, password, kind)
    # The role has its database's name, so the words name both; and one has no such role.
    assert "'refused' does not" not in sentence_of(foreign, "refused", "wrong", PasswordError)
    missing = parse_url(foreign.url("refused", "nobody", "x"), variable="")
    with pytest.raises(PasswordError, match="has no role 'nobody'"), connect(missing, purpose="t"):
        pass
    with ExitStack() as sessions:
        for _ in range(9):
            sessions.enter_context(closing(foreign.connect()))
        sentence = sentence_of(foreign, "refused", "otter-3141", TransientError)
    assert "accepts no connections now" in sentence
    assert "too many" not in sentence


def sentence_of(server: Server, database: str, password: str, kind: type[TargetError]) -> str:
    """Returns how a refusal is explained, which must be of a kind and name no password."""
    url = parse_url(server.url(database, "refused", password), variable="")
    with pytest.raises(TargetError) as caught, connect(url, purpose="test"):
        pass
    assert type(caught.value) is kind, caught.value
    assert password not in str(caught.value)
    return str(caught.value)
