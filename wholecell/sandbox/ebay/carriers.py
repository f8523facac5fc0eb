"""The carriers of GeteBayDetails, some of them: code, and text to show."""

from __future__ import annotations

CARRIERS: tuple[tuple[int, str, str], ...] = (
    (1, "USPS", "USPS"),
    (2, "UPS", "UPS"),
    (3, "FedEx", "FedEx"),
    (4, "DHL", "DHL"),
    (5, "DHLGlobalMail", "DHL eCommerce"),
    (6, "OnTrac", "OnTrac"),
    (7, "CanadaPost", "Canada Post"),
    (8, "RoyalMail", "Royal Mail"),
    (9, "Other", "Other"),
)
