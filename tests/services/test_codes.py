import pytest

from wholecell.services.codes import as_codes, following, split
from wholecell.services.refusal import Refusal


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("353985102048175", ["353985102048175"]),
        ("35 398510 204817 5", ["353985102048175"]),
        ("353985102048175, abc123;3F9A1", ["353985102048175", "ABC123", "3F9A1"]),
        ("IP11-UNL-64", ["IP11UNL64"]),
        ("FIRST\nSECOND", ["FIRST", "SECOND"]),
        ("X-1\nY 2", ["X1", "Y", "2"]),
        ("8175", ["8175"]),
        ("iPhone 11 Black", None),
        ("64GB Black", None),
        ("817", None),
        ("XR", None),
    ],
)
def test_codes_are_told_from_words(text, codes):
    assert as_codes(text) == codes


def test_a_list_holds_each_code_once_and_at_most_five_hundred():
    assert split(" A1234\nB1234,A1234 ; ") == ["A1234", "B1234"]
    with pytest.raises(Refusal, match="501 codes: search for at most 500 at once"):
        split(" ".join(f"CODE{number}" for number in range(501)))


@pytest.mark.parametrize(
    ("prefix", "after"), [("12", "13"), ("19", "1A"), ("1Z", "2"), ("9Z", "A"), ("ZZ", None), ("", None)]
)
def test_the_range_of_a_prefix_ends_before_the_next_one(prefix, after):
    assert following(prefix) == after
