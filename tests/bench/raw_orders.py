"""The orders' pages by hand: what stands on the list and on one order's page, as SQL."""

ORDERS = """
SELECT o.id, o.number, g.name AS integration, o.channel, c.name AS customer, o.ship_name, o.placed_at, o.ship_by,
       s.title, s.color, o.channel_status, o.is_to_accept, o.accept_problem, o.currency, o.total_cents
  FROM sales_order o LEFT JOIN integration g ON g.id = o.integration_id
  LEFT JOIN customer c ON c.id = o.customer_id LEFT JOIN sales_order_status s ON s.id = o.status_id
 WHERE {where} ORDER BY o.placed_at DESC, o.id DESC LIMIT 51
"""
ITEMS = """
SELECT t.order_id, t.id, t.sku, t.title, t.price_cents, t.ordered, t.cancelled, t.refunded_before_shipping, t.returned,
       (SELECT count(*) FROM commitment c WHERE c.order_item_id = t.id AND c.released_at IS NULL) AS live,
       EXISTS (SELECT 1 FROM listing l WHERE l.id = t.listing_id AND l.is_connected) AS is_listed,
       p.model || ' ' || p.capacity || ' ' || p.color AS name, p.network, a.name AS grade, v.condition_codes
  FROM order_item t
  LEFT JOIN product_variation v ON v.id = coalesce(t.variation_id,
       (SELECT min(w.id) FROM product_variation w WHERE w.sku = t.sku))
  LEFT JOIN product p ON p.id = v.product_id LEFT JOIN grade a ON a.id = v.grade_id
 WHERE t.order_id IN ({ids}) ORDER BY t.is_extra, t.id
"""
PARCELS = """
SELECT order_id, count(*), count(CASE WHEN state = 'sent' THEN 1 END), count(CASE WHEN state = 'refused' THEN 1 END)
  FROM shipment WHERE order_id IN ({ids}) AND voided_at IS NULL GROUP BY order_id
"""
FILTERS = {
    "status": "SELECT title, color FROM sales_order_status ORDER BY position, id",
    "source": "SELECT name, kind FROM integration ORDER BY name, id",
    "by_hand": "SELECT DISTINCT channel FROM sales_order WHERE integration_id IS NULL AND channel <> '' ORDER BY 1",
}
PHONES = """
SELECT i.id, i.esn, i.hex_id, p.model || ' ' || p.capacity || ' ' || p.color, a.name, v.condition_codes, i.cost_cents,
       c.committed_at, u.name, c.is_direct
  FROM order_item t JOIN commitment c ON c.order_item_id = t.id AND c.released_at IS NULL
  JOIN inventory_item i ON i.id = c.item_id JOIN product_variation v ON v.id = i.variation_id
  JOIN product p ON p.id = v.product_id JOIN grade a ON a.id = v.grade_id LEFT JOIN "user" u ON u.id = c.committed_by_id
 WHERE t.order_id = {id} ORDER BY c.id
"""
# What else one order's page shows: shipments, remarks, timeline, numbers it changed, how often the buyer bought.
BESIDE = {
    "facts": "SELECT * FROM sales_order WHERE id = {id}",
    "parcels": "SELECT carrier, tracking_number, shipped_at, state FROM shipment WHERE order_id = {id} ORDER BY id",
    "units": "SELECT s.id, i.esn FROM shipment s JOIN shipment_unit n ON n.shipment_id = s.id"
    " JOIN commitment c ON c.id = n.commitment_id JOIN inventory_item i ON i.id = c.item_id WHERE s.order_id = {id}",
    "notes": 'SELECT n.at, u.name, n.text FROM order_note n LEFT JOIN "user" u ON u.id = n.user_id'
    " WHERE n.order_id = {id} ORDER BY n.id DESC",
    "timeline": 'SELECT e.at, e.kind, e.old, e.new, u.name FROM event e LEFT JOIN "user" u ON u.id = e.user_id'
    " WHERE e.subject = 'order' AND e.subject_id = {id} ORDER BY e.id DESC LIMIT 100",
    "numbers": "SELECT c.at, l.title, g.name, c.old, c.new, (SELECT min(q.id) FROM quantity_push q"
    " WHERE q.listing_id = l.id AND q.at >= c.at) FROM offer_change_order x JOIN offer_change c ON c.id = x.change_id"
    " JOIN listing l ON l.id = c.listing_id JOIN integration g ON g.id = c.integration_id WHERE x.order_id = {id}",
    "earlier": "SELECT count(*) FROM sales_order WHERE customer_id ="
    " (SELECT customer_id FROM sales_order WHERE id = {id}) AND id <> {id}",
}
DETAIL = """<!doctype html><html lang="en"><head><title>{{ number }}</title></head><body><h1>{{ number }}</h1>
<table>{% for row in items %}<tr>{% for cell in row %}<td>{{ "–" if cell is none else cell }}</td>{% endfor %}</tr>
{% endfor %}</table><ul>{% for row in phones %}<li><a href="/inventory/{{ row[0] }}">{{ row[1] }}</a>
{% for cell in row[2:] %}{{ cell }} {% endfor %}</li>{% endfor %}</ul>{% for name, rows in beside.items() %}
<section><h2>{{ name }}</h2><table>{% for row in rows %}<tr>{% for cell in row %}<td>{{ cell }}</td>{% endfor %}</tr>
{% endfor %}</table></section>{% endfor %}</body></html>"""


def detail(cursor, order_id):
    """What DETAIL shows of one order."""

    def rows(statement, **values):
        return cursor.execute(statement.format(**values)).fetchall()

    return {
        "number": order_id,
        "items": rows(ITEMS, ids=order_id),
        "phones": rows(PHONES, id=order_id),
        "beside": {name: rows(statement, id=order_id) for name, statement in BESIDE.items()},
    }
