"""Times as the numbers that the product computes with."""

from datetime import datetime, timedelta

EPOCH = datetime(1970, 1, 1)


def microseconds(value: datetime) -> int:
    return (value - EPOCH) // timedelta(microseconds=1)
