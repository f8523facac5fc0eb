"""What an import of orders wrote, put in once more under other ids by the driver alone."""

import json

TABLES = ("customer", "sales_order", "order_item", "event", "recompute_request")
# Columns that name a row of another of these tables, and texts that no two rows may share.
LINKS = {"customer_id": "customer", "order_id": "sales_order", "subject_id": "sales_order"}
UNIQUE = ("external_id", "name_key")


class Copier:
    """Remembers where the tables end, and copies what came after."""

    def __init__(self, raw):
        self.raw = raw
        self.ends, self.counts, self.pages = {}, {}, []

    def begin(self):
        """What comes from now on is to be copied."""
        self.ends = {table: self._end(table) for table in TABLES}

    def prepare(self, at_once):
        """Read what came since, and make of it the rows to put in: those of so many orders for a transaction."""
        found = {table: self._since(table) for table in TABLES}
        self.counts = {table: len(rows) for table, rows in found.items()}
        shift = {table: self._end(table) - self.ends[table] for table in TABLES}
        page_of = {row["id"] + shift["sales_order"]: n // at_once for n, row in enumerate(found["sales_order"])}
        self.pages = [{table: [] for table in TABLES} for _ in range(-(-self.counts["sales_order"] // at_once))]
        for table, rows in found.items():
            owner = {"customer": None, "sales_order": "id", "event": "subject_id"}.get(table, "order_id")
            for row in rows:
                copy = self._other(table, row, shift)
                self.pages[page_of[copy[owner]] if owner else 0][table].append(copy)

    def copy(self):
        """Put them in, a page a transaction."""
        for page in self.pages:
            with self.raw.writing():
                for table, rows in page.items():
                    if rows:
                        self._insert(table, rows)

    def copied(self):
        """How many rows of each table are there now that the import did not write."""
        since = "SELECT count(*) FROM {} WHERE id > :last"
        counts = {t: self.raw.rows(since.format(t), last=self.ends[t])[0][0] - self.counts[t] for t in TABLES}
        if not self.raw.is_sqlite:
            for table in TABLES:
                self.raw.rows(f"SELECT setval('{table}_id_seq', max(id)) FROM {table}")
        return counts

    def _end(self, table):
        return self.raw.rows(f"SELECT coalesce(max(id), 0) FROM {table}")[0][0]

    def _since(self, table):
        cursor = self.raw.driver.execute(f"SELECT * FROM {table} WHERE id > {self.ends[table]} ORDER BY id")
        names = [column[0] for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]

    def _other(self, table, row, shift):
        """The row under the next free ids."""
        new = {name: json.dumps(value) if isinstance(value, dict | list) else value for name, value in row.items()}
        new["id"] += shift[table]
        for name, other in LINKS.items():
            if new.get(name) is not None and new[name] > self.ends[other]:
                new[name] += shift[other]
        return new | {name: f"copy {new[name]}" for name in UNIQUE if new.get(name)}

    def _insert(self, table, rows):
        names, values = ", ".join(rows[0]), [tuple(row.values()) for row in rows]
        if self.raw.is_sqlite:
            marks = ", ".join("?" * len(rows[0]))
            self.raw.driver.executemany(f"INSERT INTO {table} ({names}) VALUES ({marks})", values)
            return
        marks = ", ".join(["(" + ", ".join(["%s"] * len(rows[0])) + ")"] * len(rows))
        self.raw.driver.execute(f"INSERT INTO {table} ({names}) VALUES {marks}", [v for row in values for v in row])
