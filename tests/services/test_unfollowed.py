"""Listings that stop being connected."""

from tests.push_world import ME, World
from wholecell.services import listings, offers


class TestFollowed:
    """A listing that stops being connected keeps our last number on the channel: never silently."""

    def test_it_is_not_pushed_any_more_and_says_so(self, app):
        world = World()
        listings.choose(world.listing().id, ["no such SKU"], [], ME)
        assert world.settle() is None
        listing = world.listing()
        assert (listing.is_connected, listing.last_offered) == (False, None)
        assert listing.unfollowed_at is not None

    def test_a_person_can_set_it_to_0(self, app):
        world = World()
        listings.choose(world.listing().id, ["no such SKU"], [], ME)
        world.settle()
        listings.set_to_zero(world.listing().id, ME)
        world.settle()
        assert world.channel.shows("L0") == 0

    def test_connected_again_it_follows_again(self, app):
        world = World()
        listings.choose(world.listing().id, ["no such SKU"], [], ME)
        world.settle()
        listings.choose(world.listing().id, [], [world.variations[0].id], ME)
        world.settle()
        listing = world.listing()
        assert (listing.is_connected, listing.unfollowed_at, listing.last_offered) == (True, None, 3)

    def test_a_number_on_its_way_when_it_was_disconnected_is_not_forgotten(self, app):
        world = World(shown=0)

        def disconnect(_change):
            listings.choose(world.listing().id, ["no such SKU"], [], ME)
            offers.compute_requested()

        world.channel.after_push = disconnect
        world.settle()
        listing = world.listing()
        assert (listing.is_connected, listing.last_synced) == (False, 3)
        assert listing.unfollowed_at is not None
