"""What a form may say where the page offers a list: one of it, and nothing else."""

import flask
import pytest

from gateway.pages.forms import Form
from kernel.errors import Invalid

OFFERED = {"cash": "Cash", "card": "Card"}


@pytest.fixture
def app():
    return flask.Flask(__name__)


def test_one_of_those_that_are_offered_is_taken(app):
    with app.test_request_context("/?kind=%20card%20"):
        assert Form().one_of("kind", OFFERED) == "card"
        assert Form().maybe_one_of("kind", OFFERED) == "card"
        assert Form().maybe_one_of("other", OFFERED) is None


@pytest.mark.parametrize("said", ["gold", "Card", "c"])
def test_what_nobody_offers_is_refused_by_the_name_of_the_field(app, said):
    with app.test_request_context(f"/?kind={said}"):
        for read in (Form().one_of, Form().maybe_one_of):
            with pytest.raises(Invalid) as refused:
                read("kind", OFFERED)
            assert refused.value.code == "choice_unknown"
            assert refused.value.details["errors"] == {"kind": ["Choose one from the list."]}


def test_where_one_is_needed_nothing_is_refused_too(app):
    with app.test_request_context("/"), pytest.raises(Invalid) as refused:
        Form().one_of("kind", OFFERED)
    assert refused.value.code == "field_missing"
