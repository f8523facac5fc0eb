"""Tracking numbers: what is recognized, what is odd, and where it leads. The good ones are published examples."""

import pytest

from wholecell.services import carriers

GOOD = [
    ("UPS", "1Z5R89390357567127"),
    ("UPS", "1Z999AA10123456784"),
    ("UPS", "1Z8V92A70367203024"),
    ("USPS", "9400111201080805483016"),
    ("USPS", "92748931507708513018050063"),
    ("USPS", "42022153" + "9101026837331000039521"),
    ("USPS", "420100233424" + "9200190132607600833457"),
    ("USPS", "71123456789123456787"),
    ("USPS", "03071790000523483741"),
    ("FedEx", "986578788855"),
    ("FedEx", "041441760228964"),
    ("FedEx", "9611020987654312345672"),
    ("FedEx", "61299998820821171811"),
    ("FedEx", "1001921334250001000300779017972697"),
    ("DHL Express", "3318810025"),
    ("DHL Express", "JJD0099999999"),
    ("OnTrac", "C11031500001879"),
    ("OnTrac", "D10011354453707"),
    ("Royal Mail", "RB123456785GB"),
    ("DPD", "008182709980000020033350276C"),
    ("Canada Post", "0073938000549297"),
    ("Colissimo", "6A12345678901"),
    ("Purolator", "ABC123456789"),
]


@pytest.mark.parametrize(("carrier", "number"), GOOD)
def test_a_right_number_passes(carrier, number):
    assert carriers.check(carrier, number) == ""
    assert number in carriers.tracking_link(carrier, number)


@pytest.mark.parametrize(
    ("carrier", "number"),
    [
        ("UPS", "1Z5R89390357567128"),
        ("USPS", "9400111201080805483017"),
        ("USPS", "03071790000523483742"),
        ("FedEx", "996578788855"),
        ("FedEx", "568283610012732"),
        ("DHL Express", "3318810010"),
        ("OnTrac", "C11031500001889"),
        ("Royal Mail", "RB123456784GB"),
        ("Canada Post", "0073938000549292"),
    ],
)
def test_one_wrong_digit_is_noticed(carrier, number):
    assert "check digit does not fit" in carriers.check(carrier, number)
    assert carriers.guess(number) != carrier


def test_a_number_of_another_carrier_is_named():
    said = carriers.check("FedEx", "1Z 5R8 939 03 5756 7127")
    assert said == (
        "1Z5R89390357567127 does not look like a number of FedEx, which has 12, 15, 20, 22 or 34 digits. "
        "It looks like one of UPS."
    )


@pytest.mark.parametrize(("carrier", "number"), [pair for pair in GOOD if pair[0] not in {"DPD"}])
def test_the_carrier_is_guessed_or_left_open_never_wrong(carrier, number):
    assert carriers.guess(number.lower()) in {carrier, ""}


@pytest.mark.parametrize("number", ["1Z5R89390357567127", "9400111201080805483016", "986578788855", "3318810025"])
def test_the_usual_carriers_are_guessed(number):
    assert carriers.guess(number) == {"1Z": "UPS", "94": "USPS", "98": "FedEx", "33": "DHL Express"}[number[:2]]


@pytest.mark.parametrize("number", ["", "  ", "HELLO", "12345", "ünïcode-1Z", "١٢٣٤٥٦٧٨٩٠", "9" * 500])
def test_what_is_no_number_is_never_guessed(number):
    assert carriers.guess(number) == ""
    assert isinstance(carriers.check("UPS", number), str)


def test_blanks_and_dashes_of_a_label_do_not_count():
    assert carriers.clean(" 1z 5r8-939 03\u00a05756\u200b 7127\n") == "1Z5R89390357567127"
    assert carriers.check("UPS", "1z 5r8 939 03 5756 7127") == ""


def test_any_number_will_do_for_a_carrier_that_is_not_listed():
    assert carriers.check(carriers.OTHER, "whatever") == ""
    assert carriers.tracking_link(carriers.OTHER, "whatever") == ""


def test_a_carrier_is_found_however_it_is_typed():
    assert carriers.known(" dhl express ").name == "DHL Express"
    assert carriers.known("Pigeon") is None
    assert len({name.casefold() for name in carriers.names()}) == len(carriers.names())


@pytest.mark.parametrize(
    ("url", "is_link"),
    [("https://a.example/t?1", True), ("javascript:alert(1)", False), ("https://", False), ("http://[", False)],
)
def test_only_web_addresses_are_links(url, is_link):
    assert carriers.is_link(url) is is_link
