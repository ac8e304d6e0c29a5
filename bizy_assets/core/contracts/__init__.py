"""TODO bizy_assets.core.contracts."""

from bizy_assets.core.contracts.model import Column, Contract, Kind, Rule
from bizy_assets.core.contracts.tables import BY_TABLE, CONTRACTS

__all__ = [
    "BY_TABLE",
    "CONTRACTS",
    "Column",
    "Contract",
    "Kind",
    "Rule",
]
