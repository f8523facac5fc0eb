"""What every built channel owes the sync engine. Each folder's `adapter.py` plans its marketplace's answers."""

from datetime import UTC, datetime
from importlib import import_module

import pytest

from wholecell.channels import discover
from wholecell.channels.contract import (
    ChannelError,
    Connector,
    CredentialsError,
    ImportsListings,
    ListingState,
    Outcome,
    PushesQuantities,
    ReadsQuantities,
    TemporaryError,
)

BUILT = [kind for kind, channel in discover().items() if channel.is_built]


@pytest.fixture(params=BUILT)
def adapter(request):
    return import_module(f"tests.channels.{request.param}.adapter")


@pytest.fixture
def connector(adapter):
    return adapter.connect()


def uses_of(connector, adapter, planned):
    """One call of each thing the connector can do."""
    changes = adapter.answer_partial_rejection(planned)[:1]
    yield connector.check
    if isinstance(connector, ImportsListings):
        yield lambda: list(connector.listings(online_only=False))
    if isinstance(connector, ReadsQuantities):
        yield lambda: list(connector.quantities([changes[0].external_id]))
    if isinstance(connector, PushesQuantities):
        yield lambda: list(connector.push_quantities(changes))


def problem_of(adapter, use):
    with pytest.raises(ChannelError) as caught:
        use()
    problem = caught.value
    assert problem.message.endswith(".")
    assert adapter.SETTINGS["token"] not in repr(problem.__dict__)
    return problem


def test_there_are_channels_to_try():
    assert BUILT


def test_connector_is_one(connector):
    assert isinstance(connector, Connector)


def test_good_login_passes(adapter, connector, answers):
    adapter.answer_login(answers)
    assert connector.check() is None


@pytest.mark.parametrize(("status", "kind"), [(401, CredentialsError), (429, TemporaryError), (500, TemporaryError)])
def test_refusals_are_told_apart_everywhere(adapter, connector, answers, status, kind):
    adapter.answer_every_call(answers, status)
    for use in uses_of(connector, adapter, answers):
        assert isinstance(problem_of(adapter, use), kind)


def test_refused_login_says_the_way_out(adapter, connector, answers):
    adapter.answer_every_call(answers, 401)
    assert problem_of(adapter, connector.check).advice


def test_429_says_when_to_come_back(adapter, connector, answers):
    adapter.answer_every_call(answers, 429)
    assert problem_of(adapter, connector.check).retry_after > 0


def test_only_a_write_may_have_been_applied(adapter, connector, answers):
    adapter.answer_every_call(answers, 500)
    *reads, push = uses_of(connector, adapter, answers)
    assert [problem_of(adapter, use).maybe_applied for use in reads] == [False] * len(reads)
    assert problem_of(adapter, push).maybe_applied


def test_two_pages_are_read_to_the_end(adapter, connector, answers):
    ids = adapter.answer_two_pages(answers)
    pages = list(connector.listings(online_only=False))
    assert [listing.external_id for page in pages for listing in page.listings] == ids
    assert [page.page for page in pages] == [1, 2]


def test_shop_without_listings(adapter, connector, answers):
    adapter.answer_no_listings(answers)
    assert [listing for page in connector.listings(online_only=True) for listing in page.listings] == []


def test_one_refused_change_does_not_stop_the_others(adapter, connector, answers):
    changes = adapter.answer_partial_rejection(answers)
    groups = list(connector.plan(changes))
    results = {result.external_id: result for group in groups for result in connector.push_quantities(group)}
    first, second, third = (results[change.external_id] for change in changes)
    assert [first.outcome, second.outcome, third.outcome] == [Outcome.ACCEPTED, Outcome.REJECTED, Outcome.ACCEPTED]
    assert (first.stored, third.stored) == (changes[0].quantity, changes[2].quantity)
    assert second.answer
    assert second.advice
    assert not second.gone


def test_falls_leave_first_and_nothing_is_lost(adapter, connector, answers):
    changes = adapter.answer_partial_rejection(answers)
    planned = [change for group in connector.plan(changes) for change in group]
    assert planned[0].is_fall
    assert sorted(planned, key=lambda change: change.external_id) == changes


def test_readings_say_when_they_began(adapter, connector, answers):
    shown, gone = adapter.answer_readings(answers)
    before = datetime.now(UTC)
    first, second = connector.quantities([shown, gone])
    assert (first.external_id, first.quantity, first.state) == (shown, 6, ListingState.ACTIVE)
    assert before <= first.began_at <= second.began_at <= datetime.now(UTC)
    assert (second.external_id, second.quantity, second.state) == (gone, None, ListingState.ENDED)
