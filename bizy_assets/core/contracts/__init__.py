"""Contracts of the Bizy tables: columns, conversion rules and indexes, declared once.

All other packages derive what they do with a table from its contract.
"""

from bizy_assets.core.contracts.meanings import column_meaning
from bizy_assets.core.contracts.model import Column, Contract, JsonShape, Kind, Rule
from bizy_assets.core.contracts.tables import BY_TABLE, CONTRACTS

__all__ = [
    "BY_TABLE",
    "CONTRACTS",
    "Column",
    "Contract",
    "JsonShape",
    "Kind",
    "Rule",
    "column_meaning",
]
