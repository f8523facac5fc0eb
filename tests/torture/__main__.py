"""`python -m tests.torture [kills orders rounds]`: kills and races in their long version, on both databases."""

import sys
import tempfile
import time
from functools import partial
from pathlib import Path

from tests.bench import targets
from tests.picking_race import PICKERS, floor
from tests.torture import ledger, seller
from tests.torture.killing import Plan, Torture
from tests.torture.stalls import STALLS
from wholecell.db import db

LONG = (200, 10_000, 100)


def main(words):
    kills, orders, rounds = (int(word) for word in words) if words else LONG
    plan = Plan(kills, orders, listings=300, stock=max(orders // 150, 5))
    print(
        f"{kills} kills over {orders:,} orders at {', '.join(stall.name for stall in STALLS)}:\n"
        f"{plan.listings} listings of {plan.stock} phones, all at each of them.\n"
        "To fit so much into little time the seller's process differs from a real one: a dead run's lease ends after\n"
        f"{seller.LEASE.total_seconds():g} s instead of 90, limits are {seller.WIDER:,} times wider, and orders\n"
        f"changed within {seller.OVERLAP.total_seconds():g} s are read again instead of 10 minutes.\n"
    )
    is_wrong = False
    for open_one in (targets.sqlite, partial(targets.postgresql, name="wholecell_torture")):
        with tempfile.TemporaryDirectory(prefix="wholecell-torture-") as folder:
            try:
                with open_one(_folder(folder, "races")) as target:
                    _race(target, rounds)
                with open_one(_folder(folder, "kills")) as target:
                    is_wrong |= _torture(target, plan)
            except targets.Absent as absent:
                print(f"PostgreSQL is skipped: {absent}.")
    sys.exit(is_wrong)


def _folder(parent, name):
    path = Path(parent) / name
    path.mkdir()
    return path


def _race(target, rounds):
    """Pickers who scan at once. Raises AssertionError when more than one won, or somebody was not told."""
    with floor(target.app) as pickers:
        for name in ("last_phone", "one_unit"):
            began, pickers.slowest = time.monotonic(), 0.0
            getattr(pickers, name)(rounds)
            print(
                f"{target.name}: {name.replace('_', ' ')}, {rounds} rounds of {PICKERS} pickers: one won each, "
                f"{time.monotonic() - began:.0f} s, the slowest answer {pickers.slowest:.2f} s",
                flush=True,
            )


def _torture(target, plan):
    """Do it on one database and print what came of it; whether anything was wrong."""
    url = target.app.config["SQLALCHEMY_DATABASE_URI"]
    torture = Torture(target.app, targets.environ(url, target.folder), plan)
    try:
        torture.set_up()
        found = torture.run(say=lambda line: print(f"  {target.name}: {line}", flush=True))
        _report(target.name, torture, found)
    finally:
        torture.market.close()
    return bool(found)


def _report(name, torture, found):
    market = torture.market
    kills = sum(torture.kills.values())
    print(f"{name}: {kills} kills in {torture.seconds:.0f} s, at rest {torture.seconds_to_rest:.0f} s later")
    for work, count in torture.kills.most_common():
        print(f"  {count:4} in {work}")
    print(f"  {market.orders:,} orders ({market.late} late to show, {market.cancelled} lines cancelled), ", end="")
    print(f"{ledger.count_orders():,} stored, {ledger.count_never_open(market)} over before the first import ended")
    print(f"  numbers sent: {ledger.answers()}; {torture.refused_clicks} clicks found the database busy for 5 s")
    print(f"  {found}")
    for kind, rows in vars(found).items():
        for row in rows[:10]:
            print(f"    {kind}: {row}")
    db.session.remove()


if __name__ == "__main__":
    main(sys.argv[1:])
