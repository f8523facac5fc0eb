"""Take times so that a shared machine disturbs both sides alike, and say what came of them in a line."""

import gc
import statistics
import time
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    """One measured case: a ratio, milliseconds over a durable commit, or a number of calls for each needed."""

    name: str
    ours: str
    raw: str
    figure: float
    goal: float
    unit: str = "x"
    note: str = ""

    @property
    def is_met(self):
        return self.figure <= self.goal

    def __str__(self):
        figure, goal = f"{self.figure:.2f}{self.unit}", f"{self.goal:g}{self.unit}"
        verdict = "ok" if self.is_met else "MISSED"
        note = f"  ({self.note})" if self.note else ""
        return f"{self.name:<58} {self.ours:>12} {self.raw:>12} {figure:>11}  {goal:>6}  {verdict}{note}"


HEADER = f"{'case':<58} {'ours':>12} {'raw SQL':>12} {'figure':>11}  {'goal':>6}"


def shown(seconds):
    return f"{seconds * 1000:,.2f} ms" if seconds < 1 else f"{seconds:,.2f} s"


def timed(work):
    """Seconds and result of one go, garbage collection included."""
    start = time.perf_counter()
    result = work()
    return time.perf_counter() - start, result


def alternate(ours, raw, repeats, same):
    """Seconds of both, one after the other, again and again; `same(ours, raw)` asserts that the results agree."""
    times = []
    gc.collect()
    for _ in range(repeats):
        own, own_result = timed(ours)
        other, other_result = timed(raw)
        same(own_result, other_result)
        times.append((own, other))
    return [own for own, _ in times], [other for _, other in times]


def ratio(name, ours, raw, goal, note=""):
    """A line that compares the medians."""
    own, other = statistics.median(ours), statistics.median(raw)
    return Line(name, shown(own), shown(other), own / other, goal, note=note)


def p95(seconds):
    return sorted(seconds)[max(0, -(-len(seconds) * 95 // 100) - 1)]


def over_one_commit(name, ours, commits, goal, note=""):
    """A line of what our 95th percentile adds to that of one durable commit, in milliseconds."""
    own, commit = p95(ours), p95(commits)
    note = f"median {shown(statistics.median(ours))}, commit {shown(statistics.median(commits))}; {note}"
    return Line(name, f"p95 {shown(own)}", shown(commit), (own - commit) * 1000, goal, " ms", note)
