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
    ImportsShipments,
    ListingState,
    OrderWindow,
    Outcome,
    PushesQuantities,
    ReadsQuantities,
    SendsOrders,
    TemporaryError,
)
from wholecell.services import start_lists
from wholecell.services.connect import can

BUILT = [kind for kind, channel in discover().items() if channel.connect is not None]
SELLING = [kind for kind in BUILT if can(discover()[kind], ImportsListings)]
SHIPPING = [kind for kind in BUILT if can(discover()[kind], SendsOrders) and can(discover()[kind], ImportsShipments)]


@pytest.fixture(params=BUILT)
def adapter(request):
    return import_module(f"tests.channels.{request.param}.adapter")


selling = pytest.mark.parametrize("adapter", SELLING, indirect=True)
shipping = pytest.mark.parametrize("adapter", SHIPPING, indirect=True)


@pytest.fixture
def connector(adapter):
    return adapter.connect()


def uses_of(connector, adapter, planned):
    """One call of each thing the connector can do."""
    changes = adapter.answer_partial_rejection(planned)[:1] if isinstance(connector, PushesQuantities) else []
    yield connector.check
    if isinstance(connector, ImportsListings):
        yield lambda: list(connector.listings(online_only=False))
    if isinstance(connector, ReadsQuantities):
        yield lambda: list(connector.quantities([changes[0].external_id]))
    if isinstance(connector, ImportsOrders):
        yield lambda: list(connector.orders(OrderWindow(is_open_only=True)))
        yield lambda: list(connector.orders(OrderWindow(changed_since=datetime.now(UTC))))
        yield lambda: list(connector.orders_by_id(["1"]))
    if isinstance(connector, ImportsShipments):
        yield lambda: list(connector.shipments(datetime.now(UTC)))
    if isinstance(connector, SendsOrders):
        yield lambda: list(connector.send_orders([adapter.an_order(1)]))
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
    assert BUILT and SELLING and SHIPPING


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


@selling
def test_two_pages_are_read_to_the_end(adapter, connector, answers):
    ids = adapter.answer_two_pages(answers)
    pages = list(connector.listings(online_only=False))
    assert [listing.external_id for page in pages for listing in page.listings] == ids
    assert [page.page for page in pages] == [1, 2]


@selling
def test_shop_without_listings(adapter, connector, answers):
    adapter.answer_no_listings(answers)
    assert [listing for page in connector.listings(online_only=True) for listing in page.listings] == []


@selling
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


@selling
def test_falls_leave_first_and_nothing_is_lost(adapter, connector, answers):
    changes = adapter.answer_partial_rejection(answers)
    planned = [change for group in connector.plan(changes) for change in group]
    assert planned[0].is_fall
    assert sorted(planned, key=lambda change: change.external_id) == changes


@selling
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


@shipping
def test_each_order_sent_has_one_answer_and_a_refused_one_stops_no_other(adapter, connector, answers):
    orders = adapter.answer_one_refused_order(answers)
    first, second, third = connector.send_orders(orders)
    assert [each.order_id for each in (first, second, third)] == [each.order_id for each in orders]
    assert first.external_id and third.external_id and first.external_id != third.external_id
    assert not (first.refusal or third.refusal)
    assert second.refusal and second.advice


@shipping
def test_two_pages_of_shipments_are_read_to_the_end_and_what_is_none_is_said(adapter, connector, answers):
    numbers, voided = adapter.answer_two_pages_of_shipments(answers)
    before = datetime.now(UTC)
    pages = list(connector.shipments(before))
    found = [shipment for page in pages for shipment in page.shipments]
    assert [each.tracking_number for each in found] == numbers
    assert {each.tracking_number for each in found if each.is_voided} == {voided}
    assert [page.page for page in pages] == list(range(1, len(pages) + 1)) and len(pages) > 1
    assert all(before <= page.began_at <= datetime.now(UTC) for page in pages)
    assert len([words for page in pages for words in page.unreadable]) == 1


@pytest.mark.parametrize("kind", BUILT)
def test_each_word_of_an_order_is_told_once_with_a_status_that_exists_or_is_offered(kind):
    words = discover()[kind].order_words
    titles = {title for title, *_ in start_lists.ORDER_STATUSES} | {"Canceled"}
    assert len({each.word for each in words}) == len(words) > 0
    assert {each.suggested for each in words} <= titles
    assert all(each.label and len(each.word) <= 60 for each in words)
