PYTHON := .venv/bin/python

.PHONY: vendor
vendor:  ## fetch the browser libraries again and check their hashes
	$(PYTHON) static/vendor/fetch.py
