"""The quantity rule by hand: one statement that answers what one integration's listings, or some, offer."""

# S of listings: chosen by hand, or else by the channel's own SKU where the integration matches by it.
COUNTED = """
    SELECT c.listing_id, v.id AS variation_id
      FROM {listings} JOIN listing_sku c ON c.listing_id = l.id JOIN product_variation v ON v.sku = c.sku
    UNION
    SELECT c.listing_id, c.variation_id
      FROM {listings} JOIN listing_variation c ON c.listing_id = l.id
    UNION ALL
    SELECT l.id, v.id
      FROM {listings} JOIN integration g ON g.id = l.integration_id AND g.matches_via_sku
      JOIN product_variation v ON v.sku = l.sku
     WHERE NOT EXISTS (SELECT 1 FROM listing_sku c WHERE c.listing_id = l.id)
       AND NOT EXISTS (SELECT 1 FROM listing_variation c WHERE c.listing_id = l.id)
"""

STATEMENT = """
WITH own AS (SELECT * FROM integration WHERE id = :id),
asked AS (SELECT l.* FROM listing l WHERE l.integration_id = :id),
counted AS (
    {counted_asked}
),
phones AS (
    SELECT i.variation_id, count(*) AS units
      FROM inventory_item i
     WHERE i.status_id IN (SELECT status_id FROM integration_status WHERE integration_id = :id)
       AND i.warehouse_id IN (SELECT warehouse_id FROM integration_warehouse WHERE integration_id = :id)
       AND NOT EXISTS (SELECT 1 FROM commitment c WHERE c.item_id = i.id AND c.released_at IS NULL)
     GROUP BY i.variation_id
),
open_orders AS (
    SELECT id FROM sales_order WHERE status_id IN (SELECT id FROM sales_order_status WHERE counts_as_open)
    UNION ALL
    SELECT id FROM sales_order WHERE status_id IS NULL AND NOT is_channel_status_final
    UNION ALL
    SELECT id FROM sales_order WHERE is_to_be_scanned
),
lacking AS (
    SELECT * FROM (
        SELECT t.id, t.sku, t.variation_id, t.listing_id,
               t.ordered - t.cancelled - t.refunded_before_shipping - t.returned
               - (SELECT count(*) FROM commitment c WHERE c.order_item_id = t.id AND c.released_at IS NULL) AS units
          FROM sales_order o JOIN order_item t ON t.order_id = o.id
         WHERE o.id IN (SELECT id FROM open_orders) AND NOT o.is_fulfilled_by_channel AND NOT t.is_set_aside
           AND (o.integration_id IS NULL OR o.integration_id = :id OR o.integration_id IN (
               SELECT other.id FROM integration other, own
                WHERE NOT (other.is_exclusive OR own.is_exclusive)
                   OR EXISTS (SELECT 1 FROM integration_warehouse a
                                JOIN integration_warehouse b ON b.warehouse_id = a.warehouse_id
                               WHERE a.integration_id = :id AND b.integration_id = other.id)))
    ) t WHERE units > 0
),
sold_from AS (
    {counted_sold_from}
),
candidates AS (
    SELECT id, units, variation_id FROM lacking WHERE variation_id IS NOT NULL
    UNION
    SELECT t.id, t.units, v.id
      FROM lacking t JOIN product_variation v ON v.sku = t.sku WHERE t.variation_id IS NULL
    UNION
    SELECT t.id, t.units, s.variation_id
      FROM lacking t JOIN sold_from s ON s.listing_id = t.listing_id WHERE t.variation_id IS NULL
),
stock AS (
    SELECT s.listing_id, count(*) AS variations, sum(p.units) AS units
      FROM counted s LEFT JOIN phones p ON p.variation_id = s.variation_id GROUP BY s.listing_id
),
wanted AS (
    SELECT listing_id, sum(units) AS units
      FROM (SELECT DISTINCT s.listing_id, c.id, c.units FROM counted s JOIN candidates c USING (variation_id)) each
     GROUP BY listing_id
),
numbers AS (
    SELECT l.id, s.variations, coalesce(s.units, 0) AS available, coalesce(w.units, 0) AS outstanding,
           coalesce(s.units, 0) - coalesce(w.units, 0) AS calculated,
           coalesce(l.zero_out_threshold, g.zero_out_threshold) AS threshold,
           coalesce(l.percentage, g.percentage) AS percentage,
           coalesce(l.safety_quantity, g.safety_quantity) AS safety,
           coalesce(l.maximum_quantity, g.maximum_quantity) AS maximum
      FROM asked l CROSS JOIN own g
      LEFT JOIN stock s ON s.listing_id = l.id LEFT JOIN wanted w ON w.listing_id = l.id
)
SELECT id, available, outstanding,
       CASE WHEN variations IS NULL THEN NULL
            WHEN calculated <= 0 OR calculated <= threshold OR calculated * percentage / 100 <= safety THEN 0
            WHEN calculated * percentage / 100 - safety > maximum THEN maximum
            ELSE calculated * percentage / 100 - safety END AS offered
  FROM numbers
"""


def whole():
    """All listings of integration `:id`."""
    return STATEMENT.format(
        counted_asked=COUNTED.format(listings="asked l"),
        counted_sold_from=COUNTED.format(
            listings="(SELECT * FROM listing WHERE id IN (SELECT listing_id FROM lacking)) l"
        ),
    )


def answers(raw, integration):
    """Listing -> available, outstanding, offered (None when not connected)."""
    return {
        key: (int(available), int(outstanding), None if offered is None else int(offered))
        for key, available, outstanding, offered in raw.rows(whole(), id=integration)
    }


SOME = """
WITH asked AS (SELECT l.* FROM listing l WHERE l.id IN ({listing_ids})),
counted AS (
    {counted_asked}
),
wanting AS (
    SELECT id FROM order_item WHERE variation_id IN (SELECT variation_id FROM counted)
    UNION
    SELECT t.id FROM order_item t JOIN product_variation v ON v.sku = t.sku
     WHERE v.id IN (SELECT variation_id FROM counted)
    UNION
    SELECT t.id FROM order_item t WHERE t.listing_id IN (
        SELECT listing_id FROM listing_variation WHERE variation_id IN (SELECT variation_id FROM counted)
        UNION
        SELECT c.listing_id FROM listing_sku c JOIN product_variation v ON v.sku = c.sku
         WHERE v.id IN (SELECT variation_id FROM counted)
        UNION
        SELECT l.id FROM listing l JOIN product_variation v ON v.sku = l.sku
         WHERE v.id IN (SELECT variation_id FROM counted))
),
lacking AS (
    SELECT * FROM (
        SELECT t.id, t.sku, t.variation_id, t.listing_id, o.integration_id,
               t.ordered - t.cancelled - t.refunded_before_shipping - t.returned
               - (SELECT count(*) FROM commitment c WHERE c.order_item_id = t.id AND c.released_at IS NULL) AS units
          FROM wanting w JOIN order_item t ON t.id = w.id JOIN sales_order o ON o.id = t.order_id
          LEFT JOIN sales_order_status s ON s.id = o.status_id
         WHERE (s.counts_as_open OR o.is_to_be_scanned OR (o.status_id IS NULL AND NOT o.is_channel_status_final))
           AND NOT o.is_fulfilled_by_channel AND NOT t.is_set_aside
    ) t WHERE units > 0
),
sold_from AS (
    {counted_sold_from}
),
candidates AS (
    SELECT id, integration_id, units, variation_id FROM lacking WHERE variation_id IS NOT NULL
    UNION
    SELECT t.id, t.integration_id, t.units, v.id
      FROM lacking t JOIN product_variation v ON v.sku = t.sku WHERE t.variation_id IS NULL
    UNION
    SELECT t.id, t.integration_id, t.units, s.variation_id
      FROM lacking t JOIN sold_from s ON s.listing_id = t.listing_id WHERE t.variation_id IS NULL
),
phones AS (
    SELECT s.listing_id, count(*) AS units
      FROM counted s JOIN asked a ON a.id = s.listing_id
      JOIN inventory_item i ON i.variation_id = s.variation_id
      JOIN integration_status t ON t.integration_id = a.integration_id AND t.status_id = i.status_id
      JOIN integration_warehouse w ON w.integration_id = a.integration_id AND w.warehouse_id = i.warehouse_id
     WHERE NOT EXISTS (SELECT 1 FROM commitment c WHERE c.item_id = i.id AND c.released_at IS NULL)
     GROUP BY s.listing_id
),
wanted AS (
    SELECT listing_id, sum(units) AS units
      FROM (SELECT DISTINCT s.listing_id, c.id, c.units
              FROM counted s JOIN candidates c ON c.variation_id = s.variation_id
              JOIN asked a ON a.id = s.listing_id JOIN integration own ON own.id = a.integration_id
              LEFT JOIN integration other ON other.id = c.integration_id
             WHERE other.id IS NULL OR other.id = own.id OR NOT (own.is_exclusive OR other.is_exclusive)
                OR EXISTS (SELECT 1 FROM integration_warehouse x
                             JOIN integration_warehouse y ON y.warehouse_id = x.warehouse_id
                            WHERE x.integration_id = own.id AND y.integration_id = other.id)) each
     GROUP BY listing_id
),
numbers AS (
    SELECT l.id, (SELECT count(*) FROM counted s WHERE s.listing_id = l.id) AS variations,
           coalesce(p.units, 0) AS available, coalesce(w.units, 0) AS outstanding,
           coalesce(p.units, 0) - coalesce(w.units, 0) AS calculated,
           coalesce(l.zero_out_threshold, g.zero_out_threshold) AS threshold,
           coalesce(l.percentage, g.percentage) AS percentage,
           coalesce(l.safety_quantity, g.safety_quantity) AS safety,
           coalesce(l.maximum_quantity, g.maximum_quantity) AS maximum
      FROM asked l JOIN integration g ON g.id = l.integration_id
      LEFT JOIN phones p ON p.listing_id = l.id LEFT JOIN wanted w ON w.listing_id = l.id
)
SELECT id, available, outstanding,
       CASE WHEN variations = 0 THEN NULL
            WHEN calculated <= 0 OR calculated <= threshold OR calculated * percentage / 100 <= safety THEN 0
            WHEN calculated * percentage / 100 - safety > maximum THEN maximum
            ELSE calculated * percentage / 100 - safety END AS offered
  FROM numbers
"""


def some(listing_ids):
    """Exactly these listings, whatever their integrations."""
    return SOME.format(
        listing_ids=", ".join(map(str, listing_ids)),
        counted_asked=COUNTED.format(listings="asked l"),
        counted_sold_from=COUNTED.format(
            listings="(SELECT * FROM listing WHERE id IN (SELECT listing_id FROM lacking)) l"
        ),
    )
