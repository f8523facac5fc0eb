"""`python -m tests.bench [10k|100k|1m]`: print every case on SQLite and on PostgreSQL."""

import gc
import sys
import tempfile
import time
from pathlib import Path

from tests.bench import data, targets
from tests.bench.cases import CASES
from tests.bench.measure import HEADER
from tests.bench.sizes import SIZES


def main(words):
    name = words[0] if words else "100k"
    if name not in SIZES:
        sys.exit(f"There is no size {name}: choose {', '.join(SIZES)}, as in make bench SIZE=10k.")
    size, missed = SIZES[name], 0
    print(f"{size.name}: {size}\n")
    gc.freeze()  # as serving does
    for open_one in (targets.sqlite, targets.postgresql):
        with tempfile.TemporaryDirectory(prefix="wholecell-bench-") as folder:
            try:
                with open_one(Path(folder)) as target:
                    missed += _run(target, size)
            except targets.Absent as absent:
                print(f"PostgreSQL is skipped: {absent}.")
    print(f"{missed} goals missed" if missed else "every goal met")


def _run(target, size):
    start = time.perf_counter()
    data.fill(target.raw, size)
    data.settle(target.raw)
    print(f"{target.name}, filled in {time.perf_counter() - start:.0f} s\n{HEADER}")
    missed = 0
    for case in CASES:
        for line in case.measure(target, size):
            print(line, flush=True)
            missed += not line.is_met
    print()
    return missed


if __name__ == "__main__":
    main(sys.argv[1:])
