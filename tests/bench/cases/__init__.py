"""The cases, in the order they run: those that add to the tables come last."""

from tests.bench.cases import calls, change, pages, quantities, upload

CASES = (quantities, change, pages, upload, calls)
