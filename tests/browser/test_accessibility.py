"""The check of pages finds what it is for, in the theme and the size where it is."""

import pytest

from tests.browser import accessibility
from tests.browser.accessibility import check, look_at

pytestmark = pytest.mark.browser
STYLE = "body { color: #000; background: #fff; } a { color: inherit; }"
IN_THE_DARK = "@media (prefers-color-scheme: dark) { body { color: #fff; background: #000; } }"
DARK, PHONE = "(prefers-color-scheme: dark)", "(max-width: 400px)"


def show(page, body="", style=""):
    page.set_content(
        f'<!doctype html><html lang="en"><title>A page</title><style>{STYLE} {IN_THE_DARK} {style}</style>'
        f"<main><h1>A page</h1><p>Some text.</p>{body}</main></html>"
    )


def test_a_page_without_fault_passes(page):
    show(page, '<button aria-label="Close">x</button> <p>Words and <a href="/">a link</a>.</p>')
    look_at(page)
    check(page)


@pytest.mark.parametrize(
    ("body", "style", "rule"),
    [
        pytest.param("", f"@media {DARK} {{ p {{ color: #333; }} }}", "color-contrast", id="contrast in the dark"),
        pytest.param("", f"@media not {DARK} {{ p {{ color: #ccc; }} }}", "color-contrast", id="in the light"),
        pytest.param("", f"@media {PHONE} {{ p {{ color: #888; }} }}", "color-contrast", id="contrast on a phone"),
        pytest.param("<button id=it></button>", "", "button-name", id="no name"),
        pytest.param("<img id=it src='data:,'>", "", "image-alt", id="no text for a picture"),
        pytest.param(
            "<button id=it></button>",
            f"#it {{ display: none; }} @media {DARK} {{ #it {{ display: block; }} }}",
            "button-name",
            id="no name, shown in the dark alone",
        ),
        pytest.param(
            "<button id=it></button>",
            f"#it {{ visibility: hidden; }} @media {DARK} {{ #it {{ visibility: visible; }} }}",
            "button-name",
            id="no name, seen in the dark alone",
        ),
        pytest.param(
            "<p>Words and <a id=it href='/'>a link</a> between them.</p>",
            f"@media {DARK} {{ a {{ color: #ddd; text-decoration: none; }} }}",
            "link-in-text-block",
            id="a link like its text in the dark",
        ),
    ],
)
def test_a_fault_is_found_and_named(page, body, style, rule):
    show(page, body, style)
    with pytest.raises(AssertionError) as found:
        look_at(page)
    assert rule in str(found.value)
    assert ("#it" if body else "p") in str(found.value)


def test_what_scrolls_sideways_is_found(page):
    show(page, "<div style='width: 500px'>wide</div>")
    with pytest.raises(AssertionError, match="scrolls sideways"):
        look_at(page)


def test_each_page_is_given_the_rules_anew(page):
    for _ in range(2):
        show(page, "<button id=it></button>")
        with pytest.raises(AssertionError, match="button-name"):
            check(page)


def test_rules_of_colours_are_there(page):
    """A rule that is not known would stop axe."""
    show(page)
    check(page, accessibility.OF_COLOURS)
    names = page.evaluate("tags => axe.getRules(tags).map(rule => rule.ruleId)", accessibility.STANDARDS["values"])
    assert set(accessibility.OF_COLOURS["values"]) <= set(names)
    assert not [name for name in names if "contrast" in name and name not in accessibility.OF_COLOURS["values"]]
