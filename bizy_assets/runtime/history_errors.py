"""Errors of Dagster's storage in the middle of a run."""

import psycopg2
from psycopg2 import errors
from sqlalchemy import Engine, ExceptionContext, QueuePool, event

from bizy_assets.core.errors import BizyError
from bizy_assets.core.postgres import translate_errors
from bizy_assets.runtime.run_storage import HistoryError


def fail_fast() -> None:
    """Let a lasting error of Dagster's storage end a run at once, with a sentence.

    Dagster retries for minutes, since it repeats every event. Its daemon and webserver, which have
    to outlive a restart of the server, do not call this.
    """
    if not event.contains(Engine, "handle_error", _as_history_error):
        event.listen(Engine, "handle_error", _as_history_error)


def _as_history_error(context: ExceptionContext) -> HistoryError | None:
    """Return the error to raise for a lasting error of Dagster's storage, which uses pools.

    A lost connection has been replaced before, unless the server cannot be reached.
    """
    error, engine = context.original_exception, context.engine
    lasts = isinstance(
        error, psycopg2.OperationalError | errors.InsufficientPrivilege
    ) and not isinstance(error, psycopg2.extensions.TransactionRollbackError)
    if engine is None or not isinstance(engine.pool, QueuePool) or not lasts:
        return None
    try:
        with translate_errors(engine.url, "DAGSTER_POSTGRES_URL"):
            raise error
    except BizyError as translated:
        return HistoryError(f"Dagster cannot save its history of this run. {translated}")
