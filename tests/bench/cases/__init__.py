"""The cases, in the order they run: those that add to the tables come last."""

from tests.bench.cases import (
    calls,
    change,
    feeds,
    order_import,
    order_quantities,
    pages,
    quantities,
    sale,
    scan,
    upload,
)

CASES = (quantities, change, pages, scan, order_quantities, order_import, sale, upload, calls, feeds)
