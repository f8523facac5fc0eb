"""Limits shared by all processes."""

import pytest

from tests import factories as make
from wholecell.channels.contract import RateLimit, TemporaryError
from wholecell.services import pacing
from wholecell.services.pacing import SharedLimiter

CALLS = RateLimit("calls", count=1, seconds=10, burst=2)


@pytest.fixture
def clock(monkeypatch):
    """The time that limits look at; naps are noted in `naps`."""

    class Clock:
        now, naps = 1_700_000_000.0, []

        def time(self):
            return self.now

        def sleep(self, seconds):
            self.naps.append(seconds)

    monkeypatch.setattr(pacing, "time", clock := Clock())
    return clock


def test_a_burst_passes_and_the_next_call_is_told_how_long(app, clock):
    limiter = SharedLimiter(make.make_integration().id, "fake")
    limiter.take(CALLS)
    limiter.take(CALLS)
    with pytest.raises(TemporaryError) as refused:
        limiter.take(CALLS)
    assert refused.value.retry_after == 10
    clock.now += 10
    limiter.take(CALLS)


def test_a_clock_set_back_does_not_stop_the_calls_until_it_has_caught_up(app, clock):
    limiter = SharedLimiter(make.make_integration().id, "fake")
    limiter.take(CALLS)
    clock.now -= 86_400
    limiter.take(CALLS)


def test_clocks_of_two_processes_that_differ_a_little_share_one_limit(app, clock):
    limiter = SharedLimiter(make.make_integration().id, "fake")
    limiter.take(CALLS)
    limiter.take(CALLS)
    clock.now -= 5
    with pytest.raises(TemporaryError):
        limiter.take(CALLS)


def test_a_channel_that_says_the_limit_is_used_up_is_believed_for_a_minute(app, clock):
    limiter = SharedLimiter(make.make_integration().id, "fake")
    limiter.hold(CALLS, 23)
    with pytest.raises(TemporaryError) as refused:
        limiter.take(CALLS)
    assert refused.value.retry_after == 23
    limiter.hold(CALLS, 7)  # said by an earlier answer that came in late
    clock.now += 23
    limiter.take(CALLS)
    limiter.hold(CALLS, 86_400)
    clock.now += 61
    limiter.take(CALLS)
