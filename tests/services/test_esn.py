import pytest

from tests.factories import imei
from wholecell.services.esn import parse_esn, search_forms
from wholecell.services.refusal import Refusal


@pytest.mark.parametrize(
    ("typed", "kept"),
    [
        ("353985102048175", "353985102048175"),
        ("  35-398510-204817-5 ", "353985102048175"),
        ("35 398510 204817 5", "353985102048175"),
        ("353985102048175.0", "353985102048175"),  # a spreadsheet's float still has all fifteen digits
        ("a00000009a2b3c", "A00000009A2B3C"),
        ("270113177609606898", "A10000009296F2"),  # the same phone, decimal and hexadecimal
        ("99000000123456", "99000000123456"),
        ("AF0123450ABCDEC", "AF0123450ABCDE"),  # with its check digit
        ("dmpxk1aajc6c", "DMPXK1AAJC6C"),
        ("12345", "12345"),
        ("12E45", "12E45"),
    ],
)
def test_numbers_are_kept_in_one_form(typed, kept):
    assert parse_esn(typed) == kept


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "is blank"),
        ("353985102048176", "its last digit does not fit"),
        ("3.5E+14", "lost its last digits in a spreadsheet"),
        ("3,53985e+14", "lost its last digits in a spreadsheet"),
        ("3E+14", "lost its last digits in a spreadsheet"),
        ("35398510204817", "has 14 digits, an IMEI has 15"),
        ("3539851020481750", "If it is an IMEISV"),
        ("270113177609606000", "ends in 000"),
        ("270113177699999999", "decimal MEID but is none"),
        ("ABC1", "5 to 40 letters and digits"),
        ("A" * 41, "5 to 40 letters and digits"),
        ("12345_6", "5 to 40 letters and digits"),
        ("１２３４５", "5 to 40 letters and digits"),
    ],
)
def test_what_cannot_be_a_number_is_refused_with_the_reason(typed, says):
    with pytest.raises(Refusal, match=says):
        parse_esn(typed)


def test_every_valid_imei_of_the_factories_is_accepted():
    assert [parse_esn(imei(number)) for number in range(200)] == [imei(number) for number in range(200)]


def test_a_search_looks_for_both_forms_of_a_meid():
    assert search_forms("270113177609606898") == {"270113177609606898", "A10000009296F2"}
    assert search_forms("48-175") == {"48175"}
