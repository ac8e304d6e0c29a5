"""Transformation of the source's columns into the target's, by the contract's rules.

Texts are parsed, local times converted to UTC, and whole batches converted to the types of
PostgreSQL. Every value that a rule adjusted is reported as a repair.
"""

from bizy_assets.core.transform import timestamps, timezone, zone_fit, zone_times
from bizy_assets.core.transform.convert import (
    MISSING_TIMESTAMP,
    ORPHAN_PARENT,
    REPAIRS_SCHEMA,
    ConversionContext,
    arrow_schema,
    convert_batch,
)
from bizy_assets.core.transform.id_blocks import keep_ids, move_ids
from bizy_assets.core.transform.id_lists import ID_LIST, NO_ID_LIST, UNKNOWN_ID
from bizy_assets.core.transform.id_map import IdMap, IdRange, Ids, stretches
from bizy_assets.core.transform.timezone import Mask, TimezoneConverter, converter_of
from bizy_assets.core.transform.utc_cutover import find_cutover
from bizy_assets.core.transform.utc_updates import SIGHTINGS_SCHEMA, UtcUpdates, find_utc_updates

__all__ = [
    "ID_LIST",
    "MISSING_TIMESTAMP",
    "NO_ID_LIST",
    "ORPHAN_PARENT",
    "REPAIRS_SCHEMA",
    "SIGHTINGS_SCHEMA",
    "UNKNOWN_ID",
    "ConversionContext",
    "IdMap",
    "IdRange",
    "Ids",
    "Mask",
    "TimezoneConverter",
    "UtcUpdates",
    "arrow_schema",
    "convert_batch",
    "converter_of",
    "find_cutover",
    "find_utc_updates",
    "keep_ids",
    "move_ids",
    "stretches",
    "timestamps",
    "timezone",
    "zone_fit",
    "zone_times",
]
