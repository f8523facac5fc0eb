"""The API's document: it is valid, says what is there, and nothing it allows or forbids breaks the program."""

import os

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from limits import RateLimitItemPerMinute
from openapi_spec_validator import OpenAPIV31SpecValidator

from tests import factories as make
from tests.web.api.callers import make_token
from wholecell.services import throttle
from wholecell.web.access import token_scope
from wholecell.web.api.document import OPERATIONS, as_openapi

EXAMPLES = 6
SERVER = os.environ.get("WHOLECELL_TEST_DATABASE_URL", "")


def test_the_document_is_valid_and_served_to_everybody(app):
    answer = app.test_client().get("/api/v1/openapi.json")
    assert answer.status_code == 200
    assert answer.json == as_openapi()
    assert list(OpenAPIV31SpecValidator(answer.json).iter_errors()) == []


def test_the_document_names_every_route_with_its_scope(app):
    prefix = "/api/v1"
    there = {
        (method.lower(), "/".join("{id}" if "<" in part else part for part in rule.rule.split("/")))
        + (token_scope(app, rule.endpoint),)
        for rule in app.url_map.iter_rules()
        if token_scope(app, rule.endpoint)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    assert there == {(each.method, prefix + each.path, each.scope) for each in OPERATIONS}
    assert len({each.name for each in OPERATIONS}) == len(OPERATIONS)


@pytest.mark.skipif(bool(SERVER), reason="made-up calls are tried on SQLite; bad values are on both databases")
def test_answers_to_made_up_calls_are_as_documented(app, client, monkeypatch):
    """Valid and invalid calls alike, those without a token too: never a 500, and always the documented shape."""
    import schemathesis  # takes half a second, which the other tests of this worker need not wait for
    from schemathesis.checks import positive_data_acceptance

    for name in ("PER_TOKEN", "PER_SUBJECT", "PER_ADDRESS"):
        monkeypatch.setattr(throttle, name, RateLimitItemPerMinute(10**6, namespace=name))
    integration = make.make_integration()
    make.make_listing(integration, sku="S1")
    make.make_item(make.make_variation("S1"))
    make.make_order(integration=integration, items=[{"sku": "S1"}])
    headers = {"Authorization": f"Bearer {make_token(integration=integration)}"}
    called = []
    too_strict = [positive_data_acceptance]  # the year 503 is a valid time, and refused

    def call(case):
        called.append(case.operation.label)
        with app.app_context():
            case.call_and_validate(headers=headers, excluded_checks=too_strict)

    schema = schemathesis.openapi.from_wsgi("/api/v1/openapi.json", app)
    for found in schema.get_all_operations():
        once = settings(
            max_examples=EXAMPLES,
            deadline=None,
            database=None,
            derandomize=True,  # the same calls each time: what fails here fails everywhere
            phases=[Phase.generate],
            suppress_health_check=list(HealthCheck),
        )
        once(given(found.ok().as_strategy())(call))()
    assert set(called) == {f"{each.method.upper()} {each.path}" for each in OPERATIONS}
