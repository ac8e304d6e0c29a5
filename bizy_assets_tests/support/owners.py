"""The owner's row and password file."""

from pathlib import Path

INSERT = (
    "INSERT INTO users (id, email, username, hashed_password, created_at, updated_at) "
    "VALUES (%s, %s, %s, 'x', now(), now())"
)


def password_in(file: Path) -> str:
    lines = dict(line.split(": ", 1) for line in file.read_text().splitlines())
    return lines["password"]
