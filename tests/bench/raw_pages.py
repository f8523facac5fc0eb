"""The list pages as a tiny Flask app with a template and SQL by hand, behind the same sign-in cookie."""

from collections import defaultdict
from hashlib import sha256

import sqlalchemy as sa
from flask import Flask, abort, render_template, request
from jinja2 import DictLoader

from tests.bench import raw_orders, rule_sql
from wholecell.db import listen

PHONES = """
SELECT i.id, i.esn, i.hex_id, p.model || ' ' || p.capacity || ' ' || p.color AS name, p.network, g.name AS grade,
       v.condition_codes, s.name AS status, s.color, w.name AS warehouse, l.name AS location, o.number, i.received_at,
       i.cost_cents
  FROM inventory_item i
  JOIN product_variation v ON v.id = i.variation_id JOIN product p ON p.id = v.product_id
  JOIN grade g ON g.id = v.grade_id JOIN inventory_status s ON s.id = i.status_id
  LEFT JOIN warehouse w ON w.id = i.warehouse_id LEFT JOIN location l ON l.id = i.location_id
  LEFT JOIN commitment c ON c.item_id = i.id AND c.released_at IS NULL
  LEFT JOIN order_item t ON t.id = c.order_item_id LEFT JOIN sales_order o ON o.id = t.order_id
 WHERE {where} ORDER BY i.id DESC LIMIT 51
"""
VARIATIONS = """
SELECT v.id, p.model || ' ' || p.capacity || ' ' || p.color AS name, p.variant, p.network, g.name AS grade,
       v.condition_codes, v.sku
  FROM product p JOIN product_variation v ON v.product_id = p.id JOIN grade g ON g.id = v.grade_id
 WHERE {where}
 ORDER BY p.manufacturer, p.model, p.variant, p.network, p.capacity, p.color, v.id LIMIT 51
"""
STOCK = """
SELECT i.variation_id, s.name, count(*) - count(c.id), count(c.id)
  FROM inventory_item i JOIN inventory_status s ON s.id = i.status_id
  LEFT JOIN commitment c ON c.item_id = i.id AND c.released_at IS NULL
 WHERE i.variation_id IN ({ids}) GROUP BY i.variation_id, s.name
"""
FOLLOWED = """
SELECT variation_id, count(*) FROM (
    SELECT c.variation_id, c.listing_id FROM listing_variation c JOIN listing l ON l.id = c.listing_id
     WHERE c.variation_id IN ({ids}) AND l.state <> 'ended'
    UNION
    SELECT v.id, c.listing_id FROM product_variation v JOIN listing_sku c ON c.sku = v.sku
      JOIN listing l ON l.id = c.listing_id WHERE v.id IN ({ids}) AND l.state <> 'ended'
    UNION
    SELECT v.id, l.id FROM product_variation v JOIN listing l ON l.sku = v.sku
      JOIN integration g ON g.id = l.integration_id AND g.matches_via_sku
     WHERE v.id IN ({ids}) AND l.state <> 'ended'
       AND NOT EXISTS (SELECT 1 FROM listing_sku c WHERE c.listing_id = l.id)
       AND NOT EXISTS (SELECT 1 FROM listing_variation c WHERE c.listing_id = l.id)) pairs
 GROUP BY variation_id
"""
LISTINGS = """
SELECT l.id, g.name AS channel, l.title, l.detail, l.sku, l.price_cents, l.currency, l.state, l.last_imported,
       l.last_synced, l.answered_at
  FROM listing l JOIN integration g ON g.id = l.integration_id
 WHERE {where} ORDER BY l.title, l.id LIMIT 51
"""
PAGE = """<!doctype html><html lang="en"><head><title>{{ title }}</title></head><body><h1>{{ title }}</h1>
<form><input name="q" value="{{ q }}">{% for name, choices in filters.items() %}
<select name="{{ name }}">{% for choice in choices %}<option>{{ choice[0] }}</option>{% endfor %}</select>{% endfor %}
</form><table>{% for row in rows %}
<tr><td><a href="/{{ area }}/{{ row[0] }}">{{ row[1] }}</a></td>
{% for cell in row[2:] %}<td>{{ "–" if cell is none else cell }}</td>{% endfor %}
{% for cell in more[row[0]] %}<td>{{ cell }}</td>{% endfor %}</tr>{% endfor %}</table></body></html>"""


def raw_pages(url, cases):
    """The app; it answers /<number of the case> in `cases`."""
    app = Flask("raw_pages")
    app.jinja_loader = DictLoader({"page.html": PAGE, "order.html": raw_orders.DETAIL})
    engine = sa.create_engine(url)
    listen(engine)

    @app.get("/<int:number>")
    def page(number):
        case = cases[number]
        connection = engine.raw_connection()
        try:
            cursor = connection.driver_connection.cursor()
            _check_person(cursor, engine)
            if case.path:
                return render_template("order.html", **raw_orders.detail(cursor, int(case.path)))
            rows = cursor.execute(_statement(case)).fetchall()[:50]
            return render_template(
                "page.html",
                title=case.area,
                area=case.area,
                q=case.raw_where,
                filters={name: cursor.execute(sql).fetchall() for name, sql in FILTERS[case.area].items()},
                rows=rows,
                more=_more(cursor, case.area, [row[0] for row in rows]),
            )
        finally:
            connection.close()

    return app


STATEMENTS = {"inventory": PHONES, "catalog": VARIATIONS, "listings": LISTINGS, "orders": raw_orders.ORDERS}
NAMES = "SELECT name FROM {} ORDER BY name"
MODELS = "SELECT DISTINCT model FROM product ORDER BY model LIMIT 500"
FILTERS = {
    "inventory": {
        **{name: NAMES.format(name) for name in ("inventory_status", "warehouse", "grade", "condition")},
        "model": MODELS,
    },
    "catalog": {
        "grade": NAMES.format("grade"),
        "manufacturer": "SELECT DISTINCT manufacturer FROM product ORDER BY manufacturer",
        "model": MODELS,
    },
    "listings": {},
    "orders": raw_orders.FILTERS,
}


def _statement(case):
    return STATEMENTS[case.area].format(where=case.raw_where)


def _check_person(cursor, engine):
    token = sha256(request.cookies.get("session", "").encode()).hexdigest()
    mark = "?" if engine.dialect.name == "sqlite" else "%s"
    found = cursor.execute(
        f'SELECT u.name FROM user_session s JOIN "user" u ON u.id = s.user_id WHERE s.token_hash = {mark}', (token,)
    )
    if found.fetchone() is None:
        abort(403)


def _more(cursor, area, ids):
    """What stands beside the rows and takes statements of its own."""
    more = defaultdict(list)
    if area == "catalog" and ids:
        listed = ", ".join(map(str, ids))
        for key, *cells in cursor.execute(STOCK.format(ids=listed)).fetchall():
            more[key] += cells
        for key, listings in cursor.execute(FOLLOWED.format(ids=listed)).fetchall():
            more[key].append(listings)
    if area == "listings" and ids:
        for key, *cells in cursor.execute(rule_sql.some(ids)).fetchall():
            more[key] += cells
    if area == "orders" and ids:
        listed = ", ".join(map(str, ids))
        for statement in (raw_orders.ITEMS, raw_orders.PARCELS):
            for key, *cells in cursor.execute(statement.format(ids=listed)).fetchall():
                more[key] += cells
    return more
