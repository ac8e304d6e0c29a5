"""A schema full of functions and operators that fit the calls of others better than PostgreSQL's.

Whoever may create in a schema that is on the search path of others can have them run any code.
"""

import itertools
import re
from collections.abc import Iterator
from contextlib import closing
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg2
from psycopg2 import sql

from bizy_assets_tests.support.migrations import Migration
from bizy_assets_tests.support.servers import Server

ROLE = "mallory"
TELLTALE = "hijacked by"

Signature = tuple[str, list[str], bool, bool, str]

_OPERATORS = {
    "boolean": ["=", "<>", "<", ">", "<=", ">=", "~", "!~", "~~"],
    "text": ["||", "+", "-", "->>"],
}
_TEXTS = ["text", "character varying", "name"]
_NUMBERS = ["smallint", "integer", "bigint"]
_OIDS = ["oid", "regclass", "regproc", "regrole", "regnamespace", "regtype"]
_ARRAYS = ["int2vector", "oidvector", "smallint[]", "integer[]", "text[]", "name[]", "oid[]"]
_OTHERS = ['"char"', "boolean", "uuid", "timestamp without time zone", "timestamp with time zone"]
_OPERANDS = [*_TEXTS, *_NUMBERS, *_OIDS[:3], *_OTHERS, "text[]"]
_ANY = ("anyelement", "anynonarray", '"any"', "anycompatible", "anycompatiblenonarray")
_CLOSER = {
    **dict.fromkeys(("text", "name"), _TEXTS),
    **dict.fromkeys(_NUMBERS, _NUMBERS),
    **dict.fromkeys(("oid", "regclass", "regnamespace"), _OIDS),
    **dict.fromkeys(("anyarray", "anycompatiblearray"), _ARRAYS),
    **{kind: [*_TEXTS, *_NUMBERS, *_OIDS[:2], *_OTHERS, "bytea"] for kind in _ANY},
}
"""Types with which a call would match better than with the one of PostgreSQL's function."""

_SIGNATURES = """
    SELECT proname,
           array(SELECT format_type(t, NULL) FROM pg_catalog.unnest(proargtypes) AS t),
           provariadic <> 0, proretset,
           CASE WHEN typtype = 'p' THEN 'text' ELSE format_type(prorettype, NULL) END
    FROM pg_catalog.pg_proc JOIN pg_catalog.pg_type ON pg_type.oid = prorettype
    WHERE pronamespace = 'pg_catalog'::regnamespace AND proname = ANY(%s) AND pronargs <= 4
"""
_FUNCTION = sql.SQL(
    "CREATE FUNCTION public.{name}({types}) RETURNS {result} LANGUAGE plpgsql AS "
    "$$BEGIN RAISE EXCEPTION '{telltale} %', {title}; END$$"
)


def occupy_public(server: Server, database: str) -> None:
    """Fill ``public`` of a database, and have it searched before PostgreSQL's own schema."""
    connection = server.connect(database)
    with connection.cursor() as cursor:
        cursor.execute(
            f"DO $$BEGIN CREATE ROLE {ROLE}; EXCEPTION WHEN duplicate_object THEN END$$; "
            f"GRANT ALL ON SCHEMA public TO {ROLE}; SET check_function_bodies TO off"
        )
        cursor.execute(_SIGNATURES, [sorted(_words())])
        functions = list(_functions(cursor.fetchall()))
        cursor.execute(f"SET ROLE {ROLE}; SET search_path TO pg_catalog")
        cursor.execute(sql.SQL("; ").join([*functions, *_operators()]))
        cursor.execute("RESET ROLE")
        cursor.execute(
            sql.SQL("ALTER DATABASE {} SET search_path TO public, pg_catalog").format(
                sql.Identifier(database)
            )
        )
    connection.close()


def _words() -> set[str]:
    """Return all words of the programs that may run a statement."""
    packages = ("bizy_assets", "sqlalchemy", "adbc_driver_postgresql", "dagster_postgres")
    folders = [Path(str(find_spec(package).origin)).parent for package in packages]
    files = (f for folder in folders for f in folder.rglob("*") if f.suffix in {".py", ".so"})
    return {word.decode() for file in files for word in re.findall(rb"\w{3,}", file.read_bytes())}


def _functions(signatures: list[Signature]) -> Iterator[sql.Composable]:
    made = set()
    for name, arguments, variadic, many, result in signatures:
        for types in _closer_types(arguments, variadic=variadic):
            if (name, types) not in made and not _is_impossible(types):
                made.add((name, types))
                yield _function(name, types, f"SETOF {result}" if many else result)


def _closer_types(arguments: list[str], *, variadic: bool) -> Iterator[tuple[str, ...]]:
    """Yield the types of a function's arguments, and some that calls could match better."""
    yield tuple(arguments)
    choices = [_CLOSER.get(argument, [argument]) for argument in arguments]
    yield from itertools.islice(itertools.product(*choices), 300)
    for number in range(1, 4 if variadic else 0):
        yield from itertools.product(["oid", "text", "name"], repeat=number)


def _is_impossible(types: tuple[str, ...]) -> bool:
    """Tell whether only functions in C can have such arguments."""
    kinds = ("any", '"any', "internal", "cstring", "record", "trigger", "event_trigger", "void")
    return any(kind.startswith(kinds) or kind.endswith("_handler") for kind in types)


def _operators() -> Iterator[sql.Composable]:
    for operands in itertools.product(_OPERANDS, repeat=2):
        for result, operators in _OPERATORS.items():
            name = f"operator_of_{result}"
            yield _function(name, operands, result)
            for operator in operators:
                yield sql.SQL(
                    f"CREATE OPERATOR public.{operator} (FUNCTION = public.{name}, "
                    f"LEFTARG = {operands[0]}, RIGHTARG = {operands[1]})"
                )


def _function(name: str, types: tuple[str, ...], result: str) -> sql.Composable:
    return _FUNCTION.format(
        name=sql.Identifier(name),
        types=sql.SQL(", ".join(types)),
        result=sql.SQL(result),
        telltale=sql.SQL(TELLTALE),
        title=sql.Literal(f"{name}({', '.join(types)})"),
    )


def query(migration: Migration, statement: str) -> list[tuple[Any, ...]]:
    """Run a statement in the target, as a superuser whom the schema does not concern."""
    url = migration.server.url(migration.database)
    with closing(psycopg2.connect(url, options="-c search_path=pg_catalog")) as connection:
        connection.autocommit = True
        with connection.cursor() as cursor:
            cursor.execute(statement)
            return cursor.fetchall() if cursor.description else []


def calls(server: Server) -> list[str]:
    """Return the lines of the server's log that name a function of the schema which was called."""
    return [line for line in server.log.read_text().splitlines() if TELLTALE in line]
