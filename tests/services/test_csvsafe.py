import pytest

from wholecell.services.csvsafe import quote, unquote


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@x", "\tx", "\rx", "'=x", "''-x"])
def test_a_cell_that_would_run_gets_one_quote_and_comes_back(text):
    assert quote(text) == "'" + text
    assert unquote(quote(text)) == text


@pytest.mark.parametrize("text", ["", "IP11-UNL", "'tis", "a=b", "'", " =x"])
def test_other_cells_stay(text):
    assert quote(text) == text
    assert unquote(text) == text


def test_a_quote_typed_by_hand_is_taken_off_once():
    assert unquote("'=SUM(A1)") == "=SUM(A1)"
