"""Addresses: every form that libpq documents, with one normal form, for every driver."""

import os
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import adbc_driver_postgresql.dbapi
import pytest
import sqlalchemy as sa

from bizy_assets.core.errors import ConfigurationError, TransientError
from bizy_assets.core.postgres import connection as connections
from bizy_assets.core.postgres.connection import connect
from bizy_assets.core.postgres.urls import (
    NO_ADDRESS,
    describe_url,
    libpq_parameters,
    parse_url,
    url_template,
)
from bizy_assets.core.server.connections import require_same_server
from bizy_assets.core.server.embedded import (
    embedded_cluster_folder,
    embedded_database_url,
    stop_embedded_server,
)
from bizy_assets.runtime.run_storage import EmbeddedRunStorage
from bizy_assets_tests.support.servers import Server

SECRET = "walrus-9127-umbrella"
SERVICES = """\
# A comment.
[elsewhere]
host=db.example.org

[bizy]
host=/run/pg
port=5433
dbname=tasks
user=clerk
password=a%b=c
"""


@pytest.fixture(autouse=True)
def services(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A file with services, and none of libpq's other variables."""
    for name in [name for name in os.environ if name.startswith("PG")]:
        monkeypatch.delenv(name)
    file = tmp_path / "services"
    file.write_text(SERVICES)
    monkeypatch.setenv("PGSERVICEFILE", str(file))
    return file


@pytest.mark.parametrize(
    ("address", "described"),
    [
        ("postgresql://u@%2Frun%2Fpostgresql/db", "/run/postgresql:5432/db"),
        ("postgresql:///db?host=/run/pg&port=5433", "/run/pg:5433/db"),
        ("postgresql://u@:5433/db?host=/run/pg/", "/run/pg:5433/db"),
        ("host=/run/pg port=5433 dbname=db", "/run/pg:5433/db"),
        ("postgresql:///db", "/var/run/postgresql:5432/db"),
        ("postgres://DB.example.org/db?port=5433", "db.example.org:5433/db"),
        ("postgresql+psycopg2://db.example.org/db", "db.example.org:5432/db"),
        ("host=db.example.org hostaddr=10.0.0.7 dbname='my db'", "10.0.0.7:5432/my db"),
        ("postgresql://u:p@[2001:db8::7]/db", "[2001:db8::7]:5432/db"),
        ("postgresql://a:1,b/db?target_session_attrs=read-write", "a:1,b:5432/db"),
        ("postgresql:///db?host=a,b&port=5433", "a:5433,b:5433/db"),
        ("hostaddr=10.0.0.7,10.0.0.8 port=1,2 dbname=db", "10.0.0.7:1,10.0.0.8:2/db"),
        ("service=bizy", "/run/pg:5433/tasks"),
        ("postgresql://other@?service=bizy&dbname=db", "/run/pg:5433/db"),
        ("postgresql:///db?service=elsewhere", "db.example.org:5432/db"),
    ],
)
def test_an_address_has_one_normal_form(address: str, described: str) -> None:
    url = parse_url(address, variable="DATABASE_URL")
    assert describe_url(url) == described
    text = url.render_as_string(hide_password=False)
    # The same for SQLAlchemy, which Dagster gives a text, and once more for libpq.
    assert libpq_parameters(sa.make_url(text)) == libpq_parameters(url)
    assert describe_url(parse_url(text, variable="DATABASE_URL")) == described
    template = url_template(url, user="USER", password="PASSWORD")
    assert describe_url(parse_url(template, variable="DATABASE_URL")) == described


def test_parameters_of_libpq_are_kept() -> None:
    given = {
        "sslmode": "verify-full", "passfile": "/etc/pass file", "options": "-c geqo=off",
        "target_session_attrs": "primary", "connect_timeout": "3",
    }  # fmt: skip
    text = " ".join(f"{key}='{value}'" for key, value in given.items())
    url = parse_url(f"{text} host=h dbname=d user=u password='a b'", variable="DATABASE_URL")
    expected = {"host": "h", "port": "5432", "dbname": "d", "user": "u", "password": "a b"}
    found = {key: str(value) for key, value in libpq_parameters(url).items()}
    assert found == NO_ADDRESS | given | expected


def test_the_environment_and_services_complete_an_address(
    monkeypatch: pytest.MonkeyPatch, services: Path
) -> None:
    monkeypatch.setenv("PGHOST", "db.example.org")
    monkeypatch.setenv("PGPORT", "5433")
    monkeypatch.setenv("PGDATABASE", "tasks")
    monkeypatch.setenv("PGUSER", "clerk")
    url = parse_url("postgresql://", variable="DATABASE_URL")
    assert describe_url(url) == "db.example.org:5433/tasks"
    assert url.username == "clerk"
    monkeypatch.setenv("PGSERVICE", "bizy")
    url = parse_url("postgresql:///db", variable="DATABASE_URL")
    assert describe_url(url) == "/run/pg:5433/db"
    assert url.password == "a%b=c"
    with pytest.raises(ConfigurationError, match="service 'none' is not defined in") as caught:
        parse_url("service=none", variable="DATABASE_URL")
    assert str(services) in str(caught.value)
    services.write_text("[bizy]\nschema=x\n")
    with pytest.raises(ConfigurationError, match="service 'bizy' contains the parameter 'schema'"):
        parse_url("service=bizy", variable="DATABASE_URL")


@pytest.mark.parametrize("password", ["mo:st", "mo#st", "mo?st", "mo&st", "mo=st"])
def test_a_special_character_that_is_unambiguous_is_understood(password: str) -> None:
    url = parse_url(f"postgresql://u:{password}@localhost/db", variable="DATABASE_URL")
    assert url.password == password
    assert describe_url(url) == "localhost:5432/db"


@pytest.mark.parametrize(
    "address",
    [
        f"postgresql://u:mo@{SECRET}@localhost/db",
        f"postgresql://u:mo/{SECRET}@localhost/db",
        f"postgresql://u:12/{SECRET}@localhost/db",
        f"postgresql://u:mo/{SECRET}?{SECRET}=1@localhost/db",
        f"postgresql://u:{SECRET}%@localhost/db",
        f"postgresql://u:{SECRET}%zz@localhost/db",
        f"postgresql://u:mo#{SECRET}/{SECRET}",
        f"postgresql://u%3A{SECRET}@localhost/db",
        f"host='{SECRET} {SECRET}' dbname=db",
    ],
)
def test_an_unencoded_character_is_explained_and_not_shown(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_url(address, variable="DATABASE_URL")
    sentence = str(caught.value)
    assert "write @ as %40, : as %3A, / as %2F, ? as %3F, # as %23 and % as %25" in sentence
    assert SECRET not in sentence


@pytest.mark.parametrize(
    "address",
    ["postgresql://u@h/db?schema=x", "postgresql://u@h/db?sslmode=require&schema=x",
     "host=h dbname=db schema=x"],
)  # fmt: skip
def test_an_unknown_parameter_is_named(address: str) -> None:
    with pytest.raises(ConfigurationError) as caught:
        parse_url(address, variable="DATABASE_URL")
    assert str(caught.value) == (
        "DATABASE_URL contains the parameter 'schema', which PostgreSQL's client library does not "
        "know; remove it (the tables are always in schema public)."
    )


def test_hosts_and_ports_must_match() -> None:
    with pytest.raises(ConfigurationError, match="has several hosts and another number of ports"):
        parse_url("host=a,b,c port=1,2 dbname=db", variable="DATABASE_URL")


def test_a_password_in_the_place_of_the_host_is_not_shown() -> None:
    url = parse_url(f"postgresql://u@{SECRET}.invalid/db", variable="DATABASE_URL")
    with (
        pytest.raises(TransientError, match="the host in DATABASE_URL is unknown") as caught,
        connect(url, purpose="test"),
    ):
        pass
    assert SECRET not in str(caught.value)
    assert "correct it" in str(caught.value)
    admin = parse_url("postgresql://u@localhost/db", variable="BIZY_POSTGRES_ADMIN_URL")
    with pytest.raises(ConfigurationError, match="name different servers") as differing:
        require_same_server(admin, url)
    assert SECRET not in str(differing.value)


def test_provision_accepts_two_forms_of_one_server() -> None:
    forms = ("postgresql://localhost:5433/a", "host=/run/pg port=5433 dbname=b", "service=bizy")
    urls = [parse_url(form, variable="") for form in forms]
    for url in urls:
        require_same_server(urls[0], url)
    with pytest.raises(ConfigurationError, match="name different servers"):
        require_same_server(urls[0], parse_url("host=/run/pg dbname=b", variable=""))


def forms(server: Server, database: str, folder: Path) -> Iterator[str]:
    """Yields the address of a database in every form."""
    login = f"user=chief password={server.password} dbname={database}"
    passfile = folder / "pass"
    passfile.write_text(f"*:{server.port}:*:chief:{server.password}\n")
    passfile.chmod(0o600)
    socket = str(server.folder).replace("/", "%2F")
    yield f"postgresql://chief:{server.password}@{socket}:{server.port}/{database}"
    query = f"host={server.folder}&port={server.port}&user=chief&passfile={passfile}"
    yield f"postgresql:///{database}?{query}"
    # The first of two servers does not answer.
    yield f"host=127.0.0.1,127.0.0.1 port=1,{server.port} target_session_attrs=read-write {login}"
    yield f"hostaddr=127.0.0.1 port={server.port} options='-c geqo=off' sslmode=prefer {login}"
    service = f"host={server.folder}\nport={server.port}\npassword={server.password}\nuser=chief"
    (folder / "services").write_text(f"[here]\n{service}\n")
    yield f"postgresql:///{database}?service=here"


def test_every_form_reaches_the_same_server_with_every_driver(
    server: Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server.create_database("forms")
    for address in forms(server, "forms", tmp_path):
        url = parse_url(address, variable="DATABASE_URL")
        with connect(url, purpose="test") as connection:
            port = connection.scalar(sa.text("SELECT current_setting('port')::int"))
            conninfo = connections.conninfo(connection)
            with (
                closing(adbc_driver_postgresql.dbapi.connect(conninfo)) as reader,
                closing(reader.cursor()) as cursor,
            ):
                cursor.execute("SELECT current_setting('port')::int, current_database()::text")
                assert cursor.fetchone() == (port, "forms")
        assert port == server.port
        monkeypatch.setenv("DAGSTER_POSTGRES_URL", address)
        storage = EmbeddedRunStorage.from_config_value(None, {})
        assert storage.run_storage.get_runs_count() == 0
        for part in (storage.run_storage, storage.event_log_storage, storage.schedule_storage):
            part._engine.dispose()


def test_variables_of_libpq_do_not_reach_the_embedded_server(
    alone: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PGPORT", "5433")
    monkeypatch.setenv("PGHOST", "db.example.org")
    cluster = embedded_cluster_folder(alone / "bizy")
    with connect(embedded_database_url(alone / "bizy", "bizy"), purpose="test") as connection:
        assert connection.scalar(sa.text("SELECT current_setting('port')")) == "5432"
    assert stop_embedded_server(cluster)
