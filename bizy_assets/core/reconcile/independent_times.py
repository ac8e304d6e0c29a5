"""Compute the instants of Bizy's times independently of the load, to verify them.

The load looks up local times in a table of a zone's transitions. Here an instant is tried instead:
it is correct if the zone shows the given local time at that instant, which is unambiguous. The
load's ``TimezoneConverter`` takes no part in it.

Both share the zone's rules in ``zoneinfo``, the parsing of texts into numbers, and the decision
which rows of a column are local (``UtcUpdates.local``, ``UtcCutover.local``).

All times are ``int64`` microseconds since 1970-01-01T00:00:00, as in ``timestamps``.
"""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pyarrow as pa

from bizy_assets.core.contracts import Column, Contract, Rule
from bizy_assets.core.transform import ConversionContext, Mask, timestamps, timezone

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_FIRST_DAY = (datetime(1, 1, 3, tzinfo=UTC) - _EPOCH).days
_LAST_DAY = (datetime(9999, 12, 28, tzinfo=UTC) - _EPOCH).days


class ZoneOffsets:
    """A zone's offsets at instants, read from ``zoneinfo`` once per day or second of a change."""

    def __init__(self, zone: ZoneInfo) -> None:
        self._zone = zone
        self._known: dict[int, int] = {}

    def instants(self, wall: timezone.Microseconds) -> timezone.Microseconds:
        """Return the instants of local times.

        An ambiguous time is the first of its two instants, and a nonexistent one moves forward by
        the gap. In both cases the offset is that of a day earlier.
        """
        earlier = wall - self.offsets(wall - timezone.DAY)
        wrong = np.flatnonzero(earlier + self.offsets(earlier) != wall)
        if len(wrong):
            shown = wall[wrong]
            later = shown - self.offsets(shown + timezone.DAY)
            right = later + self.offsets(later) == shown
            earlier[wrong[right]] = later[right]
        return earlier

    def offsets(self, instants: timezone.Microseconds) -> timezone.Microseconds:
        """Return the offsets from UTC at instants, in microseconds."""
        days = np.clip(instants // timezone.DAY, _FIRST_DAY, _LAST_DAY)
        starts = self._looked_up(days * timezone.DAY)
        changing = np.flatnonzero(starts != self._looked_up((days + 1) * timezone.DAY))
        if len(changing):
            seconds = instants[changing] // timezone.SECOND * timezone.SECOND
            low, high = _FIRST_DAY * timezone.DAY, (_LAST_DAY + 1) * timezone.DAY
            starts[changing] = self._looked_up(np.clip(seconds, low, high))
        return starts

    def _looked_up(self, instants: timezone.Microseconds) -> timezone.Microseconds:
        """Look up the offsets at instants, once for each distinct one."""
        encoded = pa.array(instants).dictionary_encode()
        for instant in encoded.dictionary.to_pylist():
            if instant not in self._known:
                self._known[instant] = self._offset(instant)
        found = [self._known[instant] for instant in encoded.dictionary.to_pylist()]
        result: timezone.Microseconds = np.array(found, dtype=np.int64)[encoded.indices.to_numpy()]
        return result

    def _offset(self, instant: int) -> int:
        at = (_EPOCH + timedelta(microseconds=instant)).astimezone(self._zone)
        return (at.utcoffset() or timedelta(0)) // timedelta(microseconds=1)


class IndependentTimes:
    """Computes the times of a table's rows, a batch at a time.

    Of the load's conversion only the zone is used, and its decisions which rows are local.
    """

    def __init__(self, contract: Contract, conversion: ConversionContext) -> None:
        self._contract = contract
        self._zone = ZoneOffsets(conversion.converter.zone)
        self._conversion = conversion

    def times(self, rows: pa.RecordBatch, column: Column) -> pa.Array:
        """Return the instants of a column of unconverted rows; NULL where there is no text."""
        written = timestamps.parse_times(rows.column(column.name))
        instants = self._instants(rows, column, written)
        return pa.array(instants, mask=~written.present).cast(pa.timestamp("us"))

    def _instants(
        self, rows: pa.RecordBatch, column: Column, written: timestamps.ParsedTimes
    ) -> timezone.Microseconds:
        local = np.flatnonzero(self._local(rows, column, written) & written.naive)
        result = written.value.copy()
        if len(local):
            result[local] = self._zone.instants(result[local])
        return result

    def _local(self, rows: pa.RecordBatch, column: Column, written: timestamps.ParsedTimes) -> Mask:
        ids = np.asarray(rows.column("id").to_numpy(), dtype=np.int64)
        cutover, updates = self._conversion.cutover, self._conversion.updates
        match column.rule:
            case Rule.LOCAL:
                return written.naive
            case Rule.LOCAL_OR_DAY:
                return np.not_equal(written.value % timezone.DAY, 0)
            case Rule.UTC_UNTIL_TOUCHED if updates is not None:
                return updates.local(ids, written, self._created(rows))
            case Rule.UTC_UNTIL_CUTOVER if cutover is not None:
                return cutover.local(ids, written, self._conversion.converter)
            case _:
                return np.zeros(len(written.value), dtype=bool)

    def _created(self, rows: pa.RecordBatch) -> timestamps.Instants:
        column = self._contract.column("created_at")
        assert column is not None  # noqa: S101
        written = timestamps.parse_times(rows.column(column.name))
        return timestamps.Instants(self._instants(rows, column, written), written.present, {})
