"""Generate ``docs/ASSETS.md`` from the definitions and the contracts, for ``make docs``.

All descriptions come from the definitions; improve them there.
"""

import inspect
import re
from collections.abc import Iterable, Iterator
from itertools import groupby
from pathlib import Path
from typing import Any

import dagster as dg

from bizy_assets.core.contracts import CONTRACTS, Contract
from bizy_assets.definitions import defs
from bizy_assets.metadata import SINGLE_FILE, glossary

DOCS = Path(__file__).parent.parent / "docs"
PAGE = DOCS / "ASSETS.md"

HEAD = """\
# Assets, checks and jobs

This page is generated from the definitions by `make docs`; change them instead of this page.
[Explanation](EXPLANATION.md#the-graph) describes how the assets work together.
"""
CHECKS = """\
A check that fails with `ERROR` fails the run; with `WARN` the run continues. An `ERROR` of a
blocking check stops the downstream assets.
"""
SETTINGS = """\
Configure resources in the UI's launchpad or in a file for `dagster job execute -c`. A field without
a value takes the value of its environment variable, which the [table of
variables](REFERENCE.md#settings) explains. These variables have no field:
{variables}.
"""

_TABLES = {SINGLE_FILE.table(contract.table): contract for contract in CONTRACTS}


def page(definitions: dg.Definitions = defs) -> str:
    """Return the page in Markdown."""
    graph = definitions.resolve_asset_graph()
    keys = list(graph.toposorted_asset_keys)
    parts = [HEAD, *_diagram(graph, keys), "## Assets\n"]
    asset_by_glossary: dict[str, str] = {}
    for key in keys:
        parts += [*_asset(graph.get(key)), *_glossary(graph.get(key), asset_by_glossary)]
    parts += ["## Checks\n", CHECKS, *_checks(graph)]
    parts += ["## Jobs\n", *_jobs(definitions)]
    parts += ["## Sensors and schedules\n", _automation(definitions)]
    parts += ["## Settings\n", SETTINGS.format(variables=_variables_without_field(definitions))]
    parts += _resources(definitions)
    return "\n".join(parts)


def _diagram(graph: Any, keys: Iterable[dg.AssetKey]) -> Iterator[str]:  # noqa: ANN401
    """Yield a Mermaid diagram of the dependencies, which GitHub renders."""
    yield "```mermaid\ngraph LR"
    for key in keys:
        parents = sorted(graph.get(key).parent_keys)
        yield from (f"    {_name(parent)} --> {_name(key)}" for parent in parents)
        if not parents:
            yield f"    {_name(key)}"
    yield "```\n"


def _asset(asset: Any) -> Iterator[str]:  # noqa: ANN401
    parents = ", ".join(f"[`{_name(key)}`](#{_name(key)})" for key in sorted(asset.parent_keys))
    kinds = ", ".join(sorted(asset.kinds))
    yield f"### `{_name(asset.key)}`\n"
    yield f"Kind: {kinds or 'none'}. Upstream: {parents or 'none'}.\n"
    yield f"{asset.description}\n"
    if (contract := _TABLES.get(asset.key)) is not None:
        yield from _columns(contract, asset.metadata["dagster/column_schema"])


def _glossary(asset: Any, asset_by_glossary: dict[str, str]) -> Iterator[str]:  # noqa: ANN401
    """Yield the glossary of an asset, or a link to an earlier asset with the same one."""
    if glossary.REPORTS not in asset.metadata:
        return
    event = "A materialization" if asset.is_materializable else "An observation"
    rows = [record.data for record in asset.metadata[glossary.REPORTS].records]
    table = _table(("metadata", "meaning"), ((f"`{r['name']}`", r["meaning"]) for r in rows))
    first = asset_by_glossary.setdefault(table, _name(asset.key))
    if first == _name(asset.key):
        yield f"{event} reports:\n"
        yield table
    else:
        yield f"{event} reports the same metadata as [`{first}`](#{first}).\n"


def _columns(contract: Contract, schema: dg.TableSchema) -> Iterator[str]:
    rows = []
    for column in schema.columns:
        described = contract.column(column.name)
        source = described.name if described and described.from_source else None
        constraints = column.constraints or dg.TableColumnConstraints()
        rows.append(
            (
                f"`{source}`" if source else "none",
                f"`{column.name}`",
                f"`{column.type}`",
                ", ".join([*([] if constraints.nullable else ["not null"]), *constraints.other]),
                column.description or "",
            )
        )
    yield _table(("Bizy's column", "column", "type", "constraints", "value"), rows)
    indexes = (
        f"`{index.name}` ({', '.join(index.columns)}{'; unique' if index.unique else ''})"
        for index in contract.indexes
    )
    yield f"Indexes: {', '.join(indexes)}.\n"


def _checks(graph: Any) -> Iterator[str]:  # noqa: ANN401
    """Yield a table of the checks, with one row for a check that several assets share."""

    def row(key: dg.AssetCheckKey) -> tuple[str, ...]:
        check = graph.get(key)
        severity = str(check.metadata.get("severity", "ERROR or WARN"))
        return (f"`{key.name}`", severity, "yes" if check.blocking else "no", check.description)

    keys = sorted(graph.asset_check_keys, key=lambda key: (row(key), key))
    rows = []
    for (name, *rest), same in groupby(keys, row):
        assets = ", ".join(f"`{_name(key.asset_key)}`" for key in same)
        rows.append((name, assets, *rest))
    yield _table(("check", "assets", "severity", "blocking", "verifies"), rows)


def _jobs(definitions: dg.Definitions) -> Iterator[str]:
    jobs = definitions.jobs or []
    yield _table(("job", "effect"), ((f"`{job.name}`", job.description) for job in jobs))
    for job in jobs:
        # The steps of other jobs are the assets and checks above.
        steps = job.nodes if isinstance(job, dg.JobDefinition) else []
        for step in sorted(steps, key=lambda step: str(step.name)):
            yield f"### Step `{step.name}` of `{job.name}`\n"
            yield f"{step.definition.description}\n"
            yield from _step_settings(step.definition)


def _step_settings(step: Any) -> Iterator[str]:  # noqa: ANN401
    fields = getattr(step.config_schema.config_type, "fields", None) or {}
    if fields:
        yield _table(
            ("setting", "default", "meaning"),
            ((f"`{n}`", f"`{f.default_value}`", f.description) for n, f in fields.items()),
        )


def _automation(definitions: dg.Definitions) -> str:
    automations = [("sensor", s, "") for s in definitions.sensors or []]
    automations += [("schedule", s, f"`{s.cron_schedule}`") for s in definitions.schedules or []]
    return _table(
        ("name", "kind", "cron", "initially", "effect"),
        (
            (f"`{s.name}`", kind, cron, s.default_status.value.lower(), s.description)
            for kind, s, cron in automations
        ),
    )


def _resources(definitions: dg.Definitions) -> Iterator[str]:
    for name, resource in sorted((definitions.resources or {}).items()):
        yield f"### Resource `{name}`\n"
        yield f"{inspect.getdoc(type(resource))}\n"
        yield _table(
            ("field", "type", "meaning"),
            (
                (f"`{n}`", f"`{_type(field.annotation)}`", _meaning(field.description or ""))
                for n, field in type(resource).model_fields.items()
            ),
        )


def _meaning(description: str) -> str:
    """Return the variable of a field, which the reference explains, or else the description."""
    variable = re.search("Variable: (`[A-Z_]+`)", description)
    return f"see {variable[1]}" if variable else description


def _variables_without_field(definitions: dg.Definitions) -> str:
    """List the variables of the reference that no field of a resource sets."""
    reference = (DOCS / "REFERENCE.md").read_text()
    resources = "\n".join(_resources(definitions))
    variables = re.findall(r"^\| (`[A-Z_]+`) \|", reference, re.MULTILINE)
    return ", ".join(name for name in variables if f"see {name}" not in resources)


def _name(key: dg.AssetKey) -> str:
    return key.to_user_string()


def _type(annotation: Any) -> str:  # noqa: ANN401
    text = annotation.__name__ if isinstance(annotation, type) else str(annotation)
    return text.removesuffix(" | None")


def _table(header: tuple[str, ...], rows: Iterable[Iterable[str]]) -> str:
    """Return a table in Markdown; the paragraphs of a cell become one line."""
    cells = [header, ("---",) * len(header), *rows]
    lines = (" | ".join(_cell(cell) for cell in row) for row in cells)
    return "".join(f"| {line} |\n" for line in lines)


def _cell(text: str) -> str:
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    PAGE.write_text(page())
