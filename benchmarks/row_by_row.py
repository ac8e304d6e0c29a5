"""Migrates tasks as the script did that this project replaces: object by object, through an ORM.

Takes the file, PostgreSQL's address, and how many tasks; prints the seconds that it took.
"""

import json
import sqlite3
import sys
import time
from contextlib import closing
from datetime import datetime

import sqlalchemy as sa
from sqlalchemy.orm import Session, registry

from bizy_assets.core.target.tables import TARGET_TABLES

BATCH = 1000


class Task:
    """A row."""


def main() -> None:
    """Migrates."""
    source, target, count = sys.argv[1:]
    engine = sa.create_engine(target)
    metadata = sa.MetaData()
    columns = [
        sa.Column(c.name, c.type, primary_key=c.name == "id")
        for c in TARGET_TABLES["tasks"].columns
        if c.name not in {"user_id", "updated_at"}
    ]
    table = sa.Table("tasks", metadata, *columns, schema="row_by_row")
    registry().map_imperatively(Task, table)
    metadata.create_all(engine)
    readers = {column.name: _READERS.get(type(column.type), _as_it_is) for column in columns}
    started = time.monotonic()
    with closing(sqlite3.connect(source)) as bizy, Session(engine) as session:
        rows = bizy.execute(f"SELECT {', '.join(readers)} FROM tasks LIMIT ?", (count,))
        for number, row in enumerate(rows, 1):
            task = Task()
            for (name, read), value in zip(readers.items(), row, strict=True):
                setattr(task, name, None if value is None else read(value))
            session.add(task)
            if number % BATCH == 0:
                session.commit()
        session.commit()
    print(time.monotonic() - started)


def _as_it_is(value: object) -> object:
    return value


_READERS = {sa.DateTime: datetime.fromisoformat, sa.JSON: json.loads}


if __name__ == "__main__":
    main()
