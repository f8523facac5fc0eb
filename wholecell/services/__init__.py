"""Every change to data and every page's query; no Flask here."""
