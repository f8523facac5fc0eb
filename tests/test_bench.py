"""The bench still runs: every case at a size that measures nothing, so that both sides must give the same."""

import pytest

from tests.bench import data, measure, targets
from tests.bench.cases import CASES
from tests.bench.sizes import SIZES, TINY
from tests.conftest import SERVER
from wholecell.channels.amazon import pushing as amazon_pushing
from wholecell.channels.backmarket import client
from wholecell.channels.walmart import pushing as walmart_pushing


@pytest.fixture
def target(tmp_path, worker, monkeypatch):
    """The database that the other tests use, too: a run of the bench beside them keeps its own."""
    monkeypatch.setattr(targets, "NAME", f"wholecell_test_bench_{worker}")
    with (targets.postgresql if SERVER else targets.sqlite)(tmp_path) as opened:
        yield opened


def test_every_case_runs_and_both_sides_agree(target, monkeypatch):
    monkeypatch.setattr(client, "BULK_FROM", 20)
    monkeypatch.setattr(client, "BULK_LINES", 30)
    for pushing in (amazon_pushing, walmart_pushing):
        monkeypatch.setattr(pushing, "FEED_FROM", 20)
    data.fill(target.raw, TINY)
    data.settle(target.raw)
    lines = [line for case in CASES for line in case.measure(target, TINY)]
    assert len(lines) >= len(CASES)
    calls = [line for line in lines if line.name.endswith("calls")]
    assert [line.is_met for line in calls] == [True] * 4


def test_sizes_are_those_asked_for():
    assert {name: size.phones for name, size in SIZES.items()} == {"10k": 10_000, "100k": 100_000, "1m": 1_000_000}
    assert {(size.orders, size.listings) for size in SIZES.values()} == {(200_000, 20_000)}


def test_line_says_whether_the_goal_was_met():
    ours, raw = [0.004, 0.001, 0.003], [0.001, 0.002, 0.001]
    assert str(measure.ratio("some work", ours, raw, 3)).split()[-3:] == ["3.00x", "3x", "ok"]
    assert "MISSED" in str(measure.ratio("some work", ours, raw, 2.5, "why"))
    line = measure.over_one_commit("one change", [0.010] * 19 + [0.5], [0.004] * 20, 5)
    assert (round(line.figure, 3), line.is_met) == (6.0, False)
