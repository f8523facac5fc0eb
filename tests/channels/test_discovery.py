import pytest
from wtforms import Form

from wholecell.channels import addresses, base_url, discover
from wholecell.channels.contract import Channel

SHOP = Channel(kind="shop", label="Shop", name="Shop", mark="SH", summary="", hosts={"us": "https://shop.example"})


def test_channels_are_named_as_orders_name_them():
    assert [(kind, channel.name, channel.mark) for kind, channel in discover().items()] == [
        ("amazon", "Amazon", "AZ"),
        ("walmart", "Walmart", "WM"),
        ("backmarket", "Backmarket", "BM"),
        ("ebay", "eBay", "EB"),
        ("swappa", "Swappa", "SW"),
        ("shipstation", "ShipStation", "SS"),
    ]


@pytest.mark.parametrize("channel", discover().values(), ids=discover())
def test_channel_says_what_pages_need(channel):
    assert channel.label
    assert channel.summary.endswith(".")
    if channel.is_built:
        assert issubclass(channel.form, Form)
        form = channel.form(meta={"addresses": {"base_url": "https://shop.example"}})
        not_typed = set(channel.secrets) - set(form._fields)
        assert channel.sign_in or not not_typed, "only signing in adds to what is typed"
    if channel.connect is not None:
        assert channel.hosts or channel.addresses
        assert channel.rate_limits
    for host in channel.hosts.values():
        assert host.startswith("https://")
        assert not host.endswith("/")


def test_host_is_the_platforms():
    assert base_url(SHOP, "us", {"WHOLECELL_OTHER_BASE_URL": "https://other.example"}) == "https://shop.example"


def test_unknown_platform_is_refused():
    with pytest.raises(ValueError, match="no platform called 'mars'"):
        base_url(SHOP, "mars", {})


@pytest.mark.parametrize(
    "url", ["https://elsewhere.example/bm", "http://localhost:9000", "http://127.0.0.1:9000/shop/"]
)
def test_override_wins(url):
    assert base_url(SHOP, "us", {"WHOLECELL_SHOP_BASE_URL": url}) == url.rstrip("/")


@pytest.mark.parametrize(
    "url",
    [
        "http://elsewhere.example",
        "http://localhost@elsewhere.example",
        "https://user:pass@elsewhere.example",
        "http://127.0.0.1.elsewhere.example",
        "ftp://localhost",
        "localhost:9000",
        "https://",
        "https://[",
        "https://shop.example:x",
        "https://shop.example?a=b",
    ],
)
def test_unsafe_override_is_refused_without_repeating_it(url):
    with pytest.raises(ValueError, match="WHOLECELL_SHOP_BASE_URL must be") as caught:
        base_url(SHOP, "us", {"WHOLECELL_SHOP_BASE_URL": url})
    assert url not in str(caught.value)


class TestFurtherAddresses:
    channel = Channel(kind="shop", label="Shop", name="Shop", mark="SH", summary="", addresses=("token",))

    def test_those_that_are_set_are_told(self):
        environ = {
            "WHOLECELL_SHOP_TOKEN_URL": " https://a.example/t/ ",
            "WHOLECELL_SHOP_OTHER_URL": "https://b.example",
        }
        assert addresses(self.channel, environ) == {"token_url": "https://a.example/t"}
        environ["WHOLECELL_SHOP_BASE_URL"] = "http://localhost:9000"
        assert addresses(self.channel, environ)["base_url"] == "http://localhost:9000"

    def test_unsafe_one_is_refused(self):
        with pytest.raises(ValueError, match="WHOLECELL_SHOP_TOKEN_URL must be"):
            addresses(self.channel, {"WHOLECELL_SHOP_TOKEN_URL": "http://elsewhere.example"})

    def test_without_any_host_the_variable_is_named(self):
        with pytest.raises(ValueError, match="set WHOLECELL_SHOP_BASE_URL"):
            base_url(self.channel, "", {})
