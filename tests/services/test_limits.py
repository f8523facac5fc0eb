"""Limits between what may be sold and what is offered."""

import pytest

from tests import factories as make
from wholecell.services.availability import quantities
from wholecell.services.limits import Limits


@pytest.mark.parametrize(
    ("limits", "calculated", "offered"),
    [
        (Limits(percentage=50, safety_quantity=2, maximum_quantity=4), 10, 3),
        (Limits(zero_out_threshold=3), 3, 0),
        (Limits(zero_out_threshold=3), 4, 4),
        (Limits(percentage=50), 1, 0),
        (Limits(maximum_quantity=4), 10, 4),
        (Limits(safety_quantity=12), 10, 0),
        (Limits(maximum_quantity=0), 10, 0),
    ],
)
def test_limits(limits, calculated, offered):
    assert limits.apply(calculated) == offered


def test_a_listings_own_limits_take_the_place_of_the_integrations(app):
    integration = make.make_integration(maximum_quantity=4, safety_quantity=1)
    variation = make.make_variation("S")
    make.make_items(variation, 10)
    inherits = make.make_listing(integration, sku="S")
    own = make.make_listing(integration, sku="S", maximum_quantity=8, safety_quantity=0)
    answers = quantities()
    assert (answers[inherits.id].offered, answers[own.id].offered) == (4, 8)
