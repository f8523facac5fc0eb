"""What a channel tells of people: kept when it later hides it, and followed when it truly changes."""

from dataclasses import replace

import pytest

from tests.order_world import OrderWorld
from wholecell.channels.contract import RemoteAddress
from wholecell.services.order_fields import PERSONAL_COLUMNS

HOME = RemoteAddress("Ada Example", "", "Main St 1", "Apt 4", "Berne", "BE", "3000", "CH", "555 0100")


@pytest.fixture
def world(app):
    made = OrderWorld(count=1)
    made.press()  # the first import takes open orders only
    return made


def people(world):
    order = world.order()
    return {name: getattr(order, name) for name in PERSONAL_COLUMNS | {"ship_service"}}


def test_what_a_channel_hides_later_stays(world):
    world.channel.put_order("1", ship_to=HOME, buyer="ada_1", email="ada@example.org", service="USPSPriority")
    world.press()
    told = people(world)
    assert (told["buyer"], told["email"], told["ship_service"]) == ("ada_1", "ada@example.org", "USPSPriority")
    assert told["ship_street2"] == "Apt 4"
    town = replace(HOME, name="", street="", street2="", phone="")
    masked = replace(HOME, name="A** E******", street="***", street2="", phone="--- ---")
    for place, email, buyer in ((town, "", "ada_1"), (RemoteAddress(), "", ""), (masked, "a***@example.org", "a***1")):
        world.channel.change_order("1", ship_to=place, email=email, buyer=buyer, service="", status="10")
        world.press()
        assert people(world) == told
        assert world.order().channel_status == "10"
    assert "channel address" not in world.events()


def test_a_new_address_replaces_the_old_one_as_a_whole(world):
    world.channel.put_order("1", ship_to=HOME)
    world.press()
    moved = replace(HOME, street="Side St 2", street2="", city="Bath", name="")
    world.channel.change_order("1", ship_to=moved)
    world.press()
    told = people(world)
    assert (told["ship_street"], told["ship_street2"], told["ship_city"]) == ("Side St 2", "", "Bath")
    assert told["ship_name"] == "Ada Example"


def test_an_order_first_seen_when_it_is_old_has_what_is_left(world):
    world.channel.put_order("1", ship_to=replace(HOME, name="A**", street="", street2="", phone=""), buyer="ada_1")
    world.press()
    told = people(world)
    assert (told["ship_name"], told["ship_street"], told["ship_city"], told["buyer"]) == ("", "", "Berne", "ada_1")
