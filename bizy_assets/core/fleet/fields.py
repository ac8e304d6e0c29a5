"""The fields of a manifest: which there are, and what each accepts.

Fields that are settings accept what the settings accept, and have their defaults.
"""

import difflib
import re
from collections.abc import Collection
from datetime import datetime
from pathlib import Path
from typing import Annotated, Any, TypeAlias

from pydantic import (
    AfterValidator,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    create_model,
)
from pydantic_core import ErrorDetails

from bizy_assets.core.common import files
from bizy_assets.core.fleet.rows import ARRAY, Mistakes, Row
from bizy_assets.core.settings import OwnerSettings, Settings, SourceSettings, TargetSettings

Values: TypeAlias = dict[str, Any]

_KEY = re.compile(r"(?!.*\.\.)[a-z0-9][a-z0-9_.-]{0,62}")
_SECRET = re.compile(r"passw|pwd|secret|token|credential|hash", re.IGNORECASE)


def _require_key(text: str) -> str:
    if not _KEY.fullmatch(text):
        raise ValueError(
            f"is {text!r}; write 1 to 63 characters of a-z 0-9 _ - . that begin with a letter or "
            "digit, without two dots in a row. The key names the file's partition and its rows for "
            "good, so it cannot be an email address or a path, which may change."
        )
    return text


def _require_email(text: str) -> str:
    if not re.fullmatch(r"[^\s@]+@[^\s@]+", text) or not text.isprintable():
        raise ValueError(f"is {text!r}; write an email address, like me@example.org.")
    return text


def _require_printable(text: str) -> str:
    if not text.isprintable() or text != text.strip():
        raise ValueError(f"is {text!r}; remove line breaks, invisible characters and outer blanks.")
    return text


def _require_text(value: object) -> str:
    """Accept text only, and TOML's own times."""
    if isinstance(value, datetime):
        return value.isoformat()
    if not isinstance(value, str):
        raise ValueError(f"is {value!r}; write it as text, in double quotes.")
    return value


def _forbid_boolean(value: object) -> object:
    if isinstance(value, bool):
        raise ValueError(f"is {value!r}; write a number.")
    return value


_Text = BeforeValidator(_require_text)


def _like(model: type[Settings], name: str, *more: object) -> Any:  # noqa: ANN401 - a type
    """Return the type of a setting, with what it accepts, and more conditions."""
    field = model.model_fields[name]
    return Annotated[(field.annotation, *field.metadata, *more)]


def _optional(model: type[Settings], name: str, *more: object) -> tuple[Any, Any]:
    return _like(model, name, *more), model.model_fields[name].default


_DEFAULTS: dict[str, Any] = {
    "tasks_local_since": _optional(SourceSettings, "tasks_local_since", _Text),
    "on_bad_row": _optional(SourceSettings, "on_bad_row", _Text),
}
_ZONE = _like(SourceSettings, "zone", _Text)
_CONFIG = ConfigDict(extra="forbid", validate_default=True)

_Head = create_model(
    "_Head",
    __config__=_CONFIG,
    zone=(_ZONE, Field(alias="timezone", default="UTC")),
    folder=(Annotated[str, _Text], ""),
    **_DEFAULTS,
)
_File = create_model(
    "_File",
    __config__=_CONFIG,
    key=(Annotated[str, AfterValidator(_require_key), _Text], ...),
    path=(Annotated[str, _Text], ...),
    email=(_like(OwnerSettings, "email", AfterValidator(_require_email), _Text), ...),
    username=(_like(OwnerSettings, "username", AfterValidator(_require_printable), _Text), ...),
    user_id=_optional(OwnerSettings, "user_id", BeforeValidator(_forbid_boolean)),
    zone=(_ZONE, Field(alias="timezone")),
    **_DEFAULTS,
    skip_ids=_optional(TargetSettings, "skip_ids"),
)


class FieldReader:
    """Reads the rows of one manifest, with the defaults of its head."""

    def __init__(self, head: Row, mistakes: Mistakes) -> None:
        self._mistakes = mistakes
        self._defaults = _present(head)
        self._validate(_Head, head, self._defaults)
        self._folder = mistakes.path.parent
        folder = self._defaults.pop("folder", None)
        if isinstance(folder, str):
            self._folder = self._resolve(head, "folder", folder) or self._folder

    def path(self, row: Row) -> Path | None:
        """Return a row's path, relative ones from the manifest's folder; None after a mistake."""
        path = row.values.get("path")
        return self._resolve(row, "path", path) if path and isinstance(path, str) else None

    def values(self, row: Row) -> Values | None:
        """Return a row's other values by field, with the defaults; None after a mistake."""
        own = _present(row)
        return self._validate(_File, row, {**self._defaults, **own}, self._defaults.keys() - own)

    def _validate(
        self, model: type[BaseModel], row: Row, values: Values, inherited: Collection[str] = ()
    ) -> Values | None:
        """Validate values; a wrong default is a mistake of the head, not of each row."""
        try:
            return dict(model.model_validate(values))
        except ValidationError as error:
            for problem in error.errors(include_url=False):
                name = str(problem["loc"][0])
                unknown = problem["type"] == "extra_forbidden"
                line = (unknown and row.header) or row.line_of(name)
                if name not in inherited:
                    sentence = _sentence(model, name, problem, in_csv=bool(row.header))
                    self._mistakes.add(line, sentence)
            return None

    def _resolve(self, row: Row, name: str, path: str) -> Path | None:
        try:
            return files.resolve(path if path.startswith("~") else self._folder / path)
        except ValueError as error:
            self._mistakes.add(row.line_of(name), f"{name} {error}")
            return None


def _present(row: Row) -> dict[str, Any]:
    return {name: value for name, value in row.values.items() if value not in ("", None)}


def _sentence(model: type[BaseModel], name: str, problem: ErrorDetails, *, in_csv: bool) -> str:
    match problem["type"]:
        case "value_error":
            return f"{name} {problem['msg'].removeprefix('Value error, ')}"
        case "missing" if in_csv:
            return f"{name} is missing; every row needs one, in the column {name}."
        case "missing":
            default = " or a default at the head of the manifest" * (name in _names(_Head))
            return f"{name} is missing; every file needs one{default}."
        case "extra_forbidden":
            return _unknown(name, _names(model))
    return f"{name} is {problem['input']!r}; write ids by table, like {{ tasks = [1, 2] }}."


def _names(model: type[BaseModel]) -> list[str]:
    return [field.alias or name for name, field in model.model_fields.items()]


def _unknown(name: str, known: list[str]) -> str:
    if _SECRET.search(name):
        return f"{name} looks like a secret, which does not belong in a manifest; remove it."
    near = difflib.get_close_matches(name, [*known, ARRAY], n=1)
    hint = f"did you mean {near[0]}?" if near else f"the fields are {', '.join(known)}."
    return f"{name} is not a field here; {hint}"
