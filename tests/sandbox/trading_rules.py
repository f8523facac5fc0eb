"""The rules of Trading answers: what trading_calls.json lists, and the order of things every answer keeps to."""

import json
import re
from functools import cache

from tests.oas import specs_folder

RULES = "ebay/trading/trading_calls.json"
ACKS = {"Success", "Warning", "PartialFailure", "Failure"}
# Elements of the published schema that the list leaves out, being no use to a stock program.
MORE = {"ItemsPerPage", "PageNumber", "EndTime", "StartTime", "Site", "Fee", "Name"}
_HEAD = {"Timestamp", "Ack", "CorrelationID", "Errors", "Version", "Build"}


@cache
def _rules():
    path = specs_folder() / RULES
    return json.loads(path.read_text()) if path.is_file() else None


def trading_complaints(name, root):
    """What in an answer departs from the rules; nothing where they are not at hand."""
    rules = _rules()
    if rules is None or name not in rules["calls"]:
        return []
    found = [f"{name}: {words}" for words in _head(root, rules)]
    known = set(_names(rules["calls"][name]["response"])) | MORE
    if name in ("GetSellerList", "GetItem"):  # "as above"
        known |= set(_names(rules["calls"]["GetMyeBaySelling"]["response"]))
        known |= {word for text in _texts(rules["calls"][name]["response"]) for word in re.findall(r"\w+", text)}
    for each in root.iter():
        if each is not root and each.tag not in _HEAD and not _within_errors(root, each) and each.tag not in known:
            found.append(f"{name} answers {each.tag}, which its response does not list")
    return found


def _head(root, rules):
    ack = root.findtext("Ack")
    errors = root.findall("Errors")
    severe = [each for each in errors if each.findtext("SeverityCode") == "Error"]
    if ack not in ACKS:
        yield f"Ack {ack}"
    if not root.findtext("Timestamp", "").endswith("Z") or not root.findtext("Version"):
        yield "no Timestamp in UTC or no Version"
    if (ack == "Success") != (not errors) or (ack in ("Failure", "PartialFailure")) != bool(severe):
        yield f"Ack {ack} beside {len(severe)} errors and {len(errors) - len(severe)} warnings"
    numbers = {code.strip() for codes in rules["error_codes"] for code in codes.split("/")}
    for each in errors:
        missing = [part for part in ("ShortMessage", "LongMessage", "ErrorCode") if not each.findtext(part)]
        if missing or each.findtext("ErrorClassification") not in ("RequestError", "SystemError"):
            yield f"an error without {missing} or classification"
        code = each.findtext("ErrorCode")
        if code not in numbers | {"2", "5", "37", "340", "515", "10012", "21919144", "21919165"}:
            yield f"the unknown error {code}"


def _within_errors(root, element):
    return any(element is each for error in root.findall("Errors") for each in error.iter())


def _names(shape):
    """All element names of a response, however they are nested: 'ItemArray.Item[]' is two, 'A / B' a choice."""
    for key, value in shape.items():
        yield from (name for part in re.split(r"[./]", key) if (name := part.strip().removesuffix("[]")))
        if isinstance(value, dict):
            yield from _names(value)


def _texts(shape):
    return [value for value in shape.values() if isinstance(value, str)]
