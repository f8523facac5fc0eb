import pytest

from wholecell.services.money import parse_cents, shown_cents
from wholecell.services.refusal import Refusal


@pytest.mark.parametrize(
    ("text", "cents"),
    [
        ("", None),
        ("0", 0),
        ("148", 14800),
        ("148.5", 14850),
        ("12,5", 1250),
        ("1,299", 129900),
        ("1,299.00", 129900),
        ("1.299,00", 129900),
        ("1.299.000", 129900000),
        ("1 299,50", 129950),
        ("$148.00", 14800),
        ("148 EUR", 14800),
        ("148.29999999999998", 14830),
        (".5", 50),
    ],
)
def test_amounts_are_read_as_people_write_them(text, cents):
    assert parse_cents(text) == cents


@pytest.mark.parametrize("text", ["-5", "abc", "1.299", "1.2.3", "1,2,3", "12 apples", "99999999999", "1e5"])
def test_doubtful_amounts_are_refused(text):
    with pytest.raises(Refusal):
        parse_cents(text)


@pytest.mark.parametrize("cents", [None, 0, 5, 14850, 129900])
def test_shown_amounts_are_read_back(cents):
    assert parse_cents(shown_cents(cents)) == cents
