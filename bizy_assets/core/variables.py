"""The environment variables that have a meaning here, and the refusal of misspelled ones.

A misspelled variable is unset, and its default may migrate the wrong file or shift times. The
settings declare most variables. Those that other modules read are listed here with their help, so
this is the place to add one.
"""

import difflib
import functools
import os
import re
from collections.abc import Collection, Iterator

from bizy_assets.core.common import is_utf8
from bizy_assets.core.errors import ConfigurationError

PREFIX = "BIZY_"
"""Every variable that begins so must be known."""

OTHER_VARIABLES = {
    "DATABASE_URL": "The target, postgresql://user:password@host:port/database; if unset, the "
    "included PostgreSQL server.",
    "DAGSTER_POSTGRES_URL": "Database of Dagster's run history; if unset, one in the included "
    "server.",
    "BIZY_POSTGRES_ADMIN_URL": "Administrator's connection URL, for provision only.",
    "BIZY_UI_HOSTS": "Host names under which a proxy serves the UI.",
    "DAGSTER_HOME": "Folder of Dagster's instance; if unset, a folder in BIZY_HOME.",
    "BIZY_VERBOSE": "1 shows passed checks and details too, as --verbose does.",
    "BIZY_ALERT_URL": "Webhook to which the UI's sensor alert_on_failure posts failed runs.",
    "BIZY_ALERT_COMMAND": "Command that the sensor alert_on_failure runs for failed runs.",
    "BIZY_FLEET": "Manifest of a fleet of many Bizy files. Default: fleet.toml.",
    "BIZY_FLEET_BROKER": "URL of the Redis server that sends runs to the workers of a fleet; if "
    "unset, an embedded one.",
    "BIZY_FLEET_FOLDER": "Folder of a fleet on the host, for Docker Compose only.",
}
"""Variables that modules other than the settings read, or files in the folder ``deploy``, with
their meaning."""

STANDARD_VARIABLES = frozenset({
    "COLUMNS", "DAGSTER_EVENT_BATCH_SIZE", "DAGSTER_WEBSERVER_PORT", "DISPLAY", "FORCE_COLOR",
    "HOME", "LINES", "NO_COLOR", "PATH", "PGSERVICE", "PGSERVICEFILE", "PGSYSCONFDIR", "TERM",
    "TZ", "VIRTUAL_ENV", "XDG_CACHE_HOME", "XDG_CONFIG_HOME", "XDG_DATA_HOME", "XDG_STATE_HOME",
})  # fmt: skip
"""Variables of other programs that are read too; a similar name is not taken for a mistake."""

_FROM_KUBERNETES = re.compile(r"_(SERVICE_HOST|SERVICE_PORT(_\w+)?|PORT(_\d+_(TCP|UDP)\w*)?)$")
"""Kubernetes sets variables of these names for a service, which may be named like this project."""

_SIMILARITY = 0.6


def environment(name: str) -> str | None:
    """Return the variable's value, or None if it is unset or empty; raises ConfigurationError."""
    value = os.environ.get(name, "").strip() or None
    if value and not is_utf8(value):
        raise ConfigurationError(f"{name} is not valid UTF-8; set it to UTF-8 text.")
    return value


def require_known(declared: Collection[str]) -> None:
    """Raise if a variable with a value is a misspelling, given those that settings declare.

    Raises:
        ConfigurationError: A variable begins with ``BIZY_`` and is unknown, or its name is almost
            that of a known one.
    """
    present = frozenset(name for name, value in os.environ.items() if value.strip())
    if mistakes := _mistakes(present, frozenset(os.environ), frozenset(declared)):
        raise ConfigurationError(" ".join(mistakes))


@functools.lru_cache(maxsize=8)
def _mistakes(
    present: frozenset[str], declared_here: frozenset[str], declared: frozenset[str]
) -> list[str]:
    """Return a sentence for each misspelled variable; settings are read many times in a run."""
    known = declared | OTHER_VARIABLES.keys()
    return [
        sentence
        for name in sorted(present - known - STANDARD_VARIABLES)
        for sentence in _mistake(name, known, declared_here)
    ]


def _mistake(name: str, known: frozenset[str], environment: frozenset[str]) -> Iterator[str]:
    if name.upper().startswith(PREFIX):
        if not _FROM_KUBERNETES.search(name):
            near = difflib.get_close_matches(name.upper(), known, n=1, cutoff=_SIMILARITY)
            hint = f"did you mean {near[0]}?" if near else "unset it, or correct its name."
            yield f"{name} is not a variable that bizy-assets knows; {hint}"
        return
    for meant in sorted(known):
        if meant not in environment and is_misspelling(name, meant):
            yield (
                f"{name} is not a variable that bizy-assets reads; did you mean {meant}? If "
                f"{name} belongs to another program, set {meant} too, which may be empty."
            )


def is_misspelling(name: str, meant: str) -> bool:
    """Return whether a name differs from another by its case, one character, or two swapped ones.

    A name that only continues the other, like ``DATABASE_URL2``, is another one on purpose.
    """
    if name.startswith(meant):
        return False
    name = name.upper()
    if abs(len(name) - len(meant)) > 1 or len(set(name) ^ set(meant)) > 2:
        return False
    differences = [
        (name[low:high], meant[start:end])
        for kind, low, high, start, end in difflib.SequenceMatcher(
            None, name, meant, autojunk=False
        ).get_opcodes()
        if kind != "equal"
    ]
    edits = sum(max(len(ours), len(theirs)) for ours, theirs in differences)
    return edits <= 1 or (edits == 2 and _are_swapped(name, meant))


def _are_swapped(name: str, meant: str) -> bool:
    """Return whether two names differ by two neighbouring characters that changed places."""
    if len(name) != len(meant):
        return False
    different = [i for i in range(len(name)) if name[i] != meant[i]]
    if len(different) != 2 or different[1] != different[0] + 1:
        return False
    first, second = different
    return name[first] == meant[second] and name[second] == meant[first]
