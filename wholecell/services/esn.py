"""The numbers that name a phone: IMEI, MEID or serial, in the one form we keep them."""

from __future__ import annotations

import re

from stdnum import luhn, meid

from wholecell.services.refusal import Refusal

_GROUPING = re.compile(r"[\s\-\u2010-\u2015/]+")
_SCIENTIFIC = re.compile(r"\d+[.,]\d+E\+?\d+|\d+E\+\d+")
_SERIAL = re.compile(r"[0-9A-Z]{5,40}")
_DIGITS = re.compile(r"[0-9]+")
# MEIDs are given out from A0 upwards; 99 marks those that are digits only.
_MEID = re.compile(r"(?:[A-F][0-9A-F]|99)[0-9A-F]{12}")
_MEID_CHECKED = re.compile(rf"({_MEID.pattern})[0-9A-F]")


def compact(text: str) -> str:
    """Upper case without blanks, dashes and slashes; nothing is checked."""
    return _GROUPING.sub("", text).upper()


def parse_esn(text: str) -> str:
    """The number as we keep it: upper case, no grouping, a decimal MEID in its 14 characters.

    Raises Refusal for what cannot be a phone's number, or has lost digits to a spreadsheet.
    """
    if len(text) == 15 and text.isascii() and text.isdigit():
        return _number(text)  # nearly all of them, ten thousands in a sheet
    shown = text.strip()[:60]
    if not shown:
        raise Refusal("The number is blank: scan or type an IMEI, MEID or serial.")
    if _SCIENTIFIC.fullmatch(shown.upper()):
        raise Refusal(
            f"{shown} lost its last digits in a spreadsheet: make the column Text, enter the IMEI again and repeat."
        )
    code = compact(re.sub(r"(?<=\d{15})\.0$", "", text.strip()))
    if not _SERIAL.fullmatch(code):
        raise Refusal(f"{shown} is no IMEI, MEID or serial: a serial has 5 to 40 letters and digits, nothing else.")
    if _MEID.fullmatch(code):
        return code
    if _DIGITS.fullmatch(code):
        return _number(code)
    if (checked := _MEID_CHECKED.fullmatch(code)) and meid.is_valid(code):
        return checked[1]
    return code


def _number(code: str) -> str:
    """Digits only: an IMEI with its check digit, a decimal MEID, or a numeric serial."""
    if len(code) == 15:
        if luhn.checksum(code):
            raise Refusal(f"{code} is not a valid IMEI: its last digit does not fit. Compare it with the phone.")
        return code
    if len(code) == 18:
        return _decimal_meid(code)
    if len(code) in (13, 14):
        raise Refusal(f"{code} has {len(code)} digits, an IMEI has 15: digits are missing. Scan it again.")
    if len(code) in (16, 17):
        raise Refusal(
            f"{code} has {len(code)} digits, an IMEI has 15. If it is an IMEISV, use the IMEI printed beside it."
        )
    return code


def _decimal_meid(code: str) -> str:
    if code.endswith("000"):
        raise Refusal(
            f"{code} ends in 000, as a spreadsheet leaves a long number: use the 14 characters of the MEID instead."
        )
    if not meid.is_valid(code):
        raise Refusal(f"{code} has the 18 digits of a decimal MEID but is none. Scan it again.")
    return str(meid.compact(code)).upper()


def search_forms(text: str) -> set[str]:
    """Every form a typed code may be kept in: as typed, and a decimal MEID as its 14 characters."""
    code = compact(text)
    try:
        return {code, parse_esn(code)}
    except Refusal:
        return {code}
