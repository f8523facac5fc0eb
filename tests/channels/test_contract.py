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
    ImportsOrders,
    ListingState,
    OrderWindow,
    Outcome,
    PushesQuantities,
    ReadsQuantities,
    TemporaryError,
)
from wholecell.services import start_lists

BUILT = [kind for kind, channel in discover().items() if channel.connect is not None]


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
    if isinstance(connector, ImportsOrders):
        yield lambda: list(connector.orders(OrderWindow(is_open_only=True)))
        yield lambda: list(connector.orders(OrderWindow(changed_since=datetime.now(UTC))))
        yield lambda: list(connector.orders_by_id(["1"]))
    if isinstance(connector, PushesQuantities):
        yield lambda: list(connector.push_quantities(changes))


def secrets_of(adapter):
    return filter(None, (adapter.SETTINGS[name] for name in (*adapter.CHANNEL.secrets, *adapter.CHANNEL.app_secrets)))


def problem_of(adapter, use):
    with pytest.raises(ChannelError) as caught:
        use()
    problem = caught.value
    assert problem.message.endswith(".")
    assert not any(secret in repr(problem.__dict__) for secret in secrets_of(adapter))
    return problem


def test_there_are_channels_to_try():
    assert BUILT


def test_connector_is_one(connector):
    assert isinstance(connector, Connector)


def test_good_login_passes(adapter, connector, answers):
    adapter.answer_login(answers)
    assert all(isinstance(said, str) and said.endswith(".") for said in connector.check())


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
    assert first.stored in {changes[0].quantity, None}, "None: the channel does not say"
    assert third.stored in {changes[2].quantity, None}
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


def read(pages):
    return [order.external_id for page in pages for order in page.orders]


def test_two_pages_of_orders_are_read_to_the_end_and_what_is_none_is_kept(adapter, connector, answers):
    ids, odd = adapter.answer_two_pages_of_orders(answers)
    before = datetime.now(UTC)
    pages = list(connector.orders(OrderWindow(changed_since=before)))
    assert read(pages) == ids
    assert all(before <= page.began_at <= datetime.now(UTC) for page in pages)
    (unreadable,) = [row for page in pages for row in page.unreadable]
    assert (unreadable.external_id, bool(unreadable.reason)) == (odd, True)
    assert odd in unreadable.payload


def test_shop_without_orders(adapter, connector, answers):
    adapter.answer_no_orders(answers)
    for window in (OrderWindow(is_open_only=True), OrderWindow(placed_since=datetime.now(UTC))):
        assert read(connector.orders(window)) == []


def test_an_order_that_is_gone_is_left_out(adapter, connector, answers):
    there, gone = adapter.answer_single_orders(answers)
    assert read(connector.orders_by_id([there, gone])) == [there]


@pytest.mark.parametrize("kind", BUILT)
def test_each_word_of_an_order_is_told_once_with_a_status_that_exists_or_is_offered(kind):
    words = discover()[kind].order_words
    titles = {title for title, *_ in start_lists.ORDER_STATUSES} | {"Canceled"}
    assert len({each.word for each in words}) == len(words) > 0
    assert {each.suggested for each in words} <= titles
    assert all(each.label and len(each.word) <= 60 for each in words)
