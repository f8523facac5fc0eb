import re

import pytest
from reportlab.graphics.barcode.code128 import Code128

from tests.factories import imei, make_item, make_items, make_product, make_variation
from wholecell.services import labels
from wholecell.services.refusal import Refusal


@pytest.fixture
def drawn(monkeypatch):
    """The texts and bar codes drawn, in order."""
    seen = []

    class Recorder(labels.Canvas):
        def drawString(self, x, y, text, **more):
            seen.append(text)
            return super().drawString(x, y, text, **more)

    class Bars(Code128):
        def drawOn(self, canvas, x, y):
            assert x + self.width <= labels.SIZE[0] - labels.MARGIN + 0.01
            seen.append(("bars", self.value))
            return super().drawOn(canvas, x, y)

    monkeypatch.setattr(labels, "Canvas", Recorder)
    monkeypatch.setattr(labels, "Code128", Bars)
    return seen


def pages(pdf):
    return len(re.findall(rb"/Type /Page\b", pdf))


def test_a_label_carries_number_code_and_what_the_phone_is(session, drawn):
    variation = make_variation("SKU-1", "B", ["CG"], make_product("iPhone 11"))
    pdf = labels.pdf([make_item(variation, esn=imei(1), hex_id="ABC123").id])
    assert pdf.startswith(b"%PDF") and pages(pdf) == 1
    assert drawn[:4] == ["iPhone 11 64GB Black Unlocked", "B CG SKU-1", ("bars", imei(1)), imei(1)]
    assert ("bars", "ABC123") in drawn
    assert b"/MediaBox [ 0 0 175.748 82.20472 ]" in pdf  # 62 x 29 mm in points


def test_labels_come_in_the_order_asked_for(session, drawn):
    a, b, c = make_items(make_variation(), 3)
    assert pages(labels.pdf([c.id, a.id, b.id])) == 3
    assert [each[1] for each in drawn if each[0] == "bars"][::2] == [c.esn, a.esn, b.esn]


@pytest.mark.parametrize("model", ["<b>&amp; <para>", "手机 ✨", "x" * 120])
def test_odd_text_is_plain_text_cut_to_the_label(session, drawn, model):
    labels.pdf([make_item(make_variation(product=make_product(model))).id])
    assert drawn[0][:3] == model[:3].encode("cp1252", "replace").decode("cp1252")


def test_the_longest_serial_fits(session, drawn):
    labels.pdf([make_item(make_variation(), esn="ABCDEFGH" * 5).id])
    assert ("bars", "ABCDEFGH" * 5) in drawn


def test_none_and_too_many_are_refused(session):
    with pytest.raises(Refusal, match="Choose the phones"):
        labels.pdf([999])
    with pytest.raises(Refusal, match="2,001 labels: print at most 2,000 at once"):
        labels.pdf(list(range(2_001)))
