"""axe over a page as it stands: contrast, names, sizes, and that nothing scrolls sideways."""

import time

from axe_playwright_python.base import AXE_SCRIPT, AxeResults

STANDARDS = {"type": "tag", "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]}
OF_COLOURS = {"type": "rule", "values": ["color-contrast", "link-in-text-block"]}
RUN = "only => axe.run(document, {runOnly: only, resultTypes: ['violations']}).then(({violations}) => ({violations}))"
# Where everything stands, and whether it is seen: what all rules but those of colours go by.
SHAPE = """() => Array.from(document.querySelectorAll("*"), (element) => {
    const {x, y, width, height} = element.getBoundingClientRect();
    return [x, y, width, height, element.checkVisibility({visibilityProperty: true, opacityProperty: true})];
}).join()"""


def look_at(page, height=900):
    """The page as it is, in light and dark, on a desk and on a phone: styles alone tell these apart.

    The rules that colours do not matter to need no second look in the dark, unless something moved or appeared there.
    """
    for width in (360, 1440):
        page.set_viewport_size({"width": width, "height": height})
        page.emulate_media(color_scheme="light", reduced_motion="reduce")  # nothing is caught halfway between them
        check(page)
        shape = page.evaluate(SHAPE)
        page.emulate_media(color_scheme="dark")
        check(page, OF_COLOURS if page.evaluate(SHAPE) == shape else STANDARDS)


def wait_for_parts(page):
    """Until what the page fetches by itself once it is there has come."""
    ends = time.monotonic() + 10
    while not page.evaluate("document.readyState === 'complete' && !document.querySelector('.htmx-request')"):
        assert time.monotonic() < ends, f"{page.url} does not come to rest"
        page.wait_for_timeout(20)


def check(page, rules=STANDARDS):
    """The page in the theme and the size that it has now."""
    if page.evaluate("typeof axe") == "undefined":
        page.evaluate(AXE_SCRIPT)
    results = AxeResults(page.evaluate(RUN, rules))
    assert results.violations_count == 0, f"{page.url}\n{results.generate_report()}"
    wide = page.evaluate("document.documentElement.scrollWidth > document.documentElement.clientWidth")
    assert not wide, f"{page.url} scrolls sideways"
