"""What the parts of the data agree on: when it began, and which SKUs and variations are listed."""

from datetime import UTC, datetime

BEGAN = datetime(2024, 1, 1, tzinfo=UTC)


def texts(moment):
    """A moment as SQLite keeps it."""
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")


def sku(size, variation):
    """Some share one, some have none."""
    if variation >= size.alone:
        if variation % 20 == 7:
            return None
        variation -= variation % 50 == 1
    return f"SKU-{variation:06d}"


def listed_variation(size, number):
    """The variation that listing `number` of each integration is for."""
    if number < size.alone:
        return number
    return size.alone + (number - size.alone) % (size.variations - size.alone)
