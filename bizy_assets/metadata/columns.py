"""Columns, rules and lineage of tables for Dagster's UI, derived from the contracts."""

from collections.abc import Sequence
from typing import Any

import dagster as dg
from sqlalchemy.dialects import postgresql

from bizy_assets.core.contracts import CONTRACTS, Column, Contract, Rule, column_meaning
from bizy_assets.core.target import TARGET_TABLES
from bizy_assets.metadata.asset_keys import SINGLE_FILE
from bizy_assets.metadata.beta import beta_allowed

_DIALECT = postgresql.dialect()  # type: ignore[no-untyped-call]

_DECIDED_BY = (
    "goals.created_at",
    "goals.project_name",
    "goals.repository_path",
    "tasks.parent_goal_id",
    "tasks.created_at",
    "tasks.completed_at",
)
"""The columns that decide whether ``goals.updated_at`` is UTC."""


def source_schema() -> dg.TableSchema:
    """Return the columns of all of Bizy's tables, as ``table.column``."""
    return dg.TableSchema(
        [
            dg.TableColumn(
                f"{contract.table}.{column.name}",
                type=column.kind.value,
                description=f"{column_meaning(contract, column.name)}.",
            )
            for contract in CONTRACTS
            for column in contract.source_columns
        ]
    )


def target_schema(contract: Contract) -> dg.TableSchema:
    """Return the columns of a target table with their type, constraints, meaning and rule."""
    return dg.TableSchema([_column(contract, column) for column in contract.columns])


def lineage(contract: Contract) -> dg.TableColumnLineage:
    """Return the columns of the snapshot that each column is derived from."""
    sources: dict[str, list[dg.TableColumnDep]] = {}
    for column in contract.source_columns:
        others = _DECIDED_BY if column.rule is Rule.UTC_UNTIL_TOUCHED else ()
        sources[column.name] = [
            dg.TableColumnDep(SINGLE_FILE.sqlite_backup, name)
            for name in (f"{contract.table}.{column.name}", *others)
        ]
    return dg.TableColumnLineage(sources)


def with_code_references(assets: Sequence[Any]) -> Sequence[Any]:
    """Return the assets with links to the code that defines them."""
    with beta_allowed():
        return dg.with_source_code_references(assets)


def _column(contract: Contract, column: Column) -> dg.TableColumn:
    type_ = TARGET_TABLES[contract.table].c[column.name].type.compile(_DIALECT)
    constraints = ["primary key"] if column.name == "id" else []
    if column.references:
        # Two constraints, because the UI truncates longer ones.
        constraints += [f"references {column.references}", f"on delete {column.on_delete}"]
    if column.unique:
        constraints.append("unique for each user")
    rule = column.rule.value
    if column.filled:
        rule += "; if missing, the time of the migration"
    if column.addition:
        rule += "; added to the backend's table"
    meaning = column_meaning(contract, column.name)
    return dg.TableColumn(
        column.name,
        type=type_.lower(),
        description=f"{meaning}. In PostgreSQL: {rule}.",
        constraints=dg.TableColumnConstraints(
            nullable=column.nullable, unique=column.name == "id", other=constraints
        ),
    )
