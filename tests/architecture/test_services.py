"""Every service says in its docstring what it owns, answers, states and listens to; the code says the same."""

import importlib
import re

import pytest

from chassis.assembly import service_class
from chassis.config import SERVICES
from chassis.messaging.declare import handled_by, served_by
from contracts.message import all_events, all_requests

SECTIONS = ("Owns", "Answers", "States", "Listens")


def said(service: str, section: str) -> set[str]:
    """The names of messages in a section of the service's docstring."""
    text = importlib.import_module(f"services.{service}").__doc__ or ""
    found = re.search(rf"^{section}:?\s+(.*?)(?=^(?:{'|'.join(SECTIONS)}):?\s|\Z)", text, re.MULTILINE | re.DOTALL)
    assert found, f"services/{service}/__init__.py has no section {section}"
    return set(re.findall(r"\b[A-Z][a-z]+(?:[A-Z][a-z]+)+\b", found.group(1)))


@pytest.mark.parametrize("service", SERVICES)
def test_the_docstring_names_what_the_service_owns(service: str) -> None:
    text = importlib.import_module(f"services.{service}").__doc__ or ""
    assert re.search(r"^Owns:?\s+\w", text, re.MULTILINE)


@pytest.mark.parametrize("service", SERVICES)
def test_the_docstring_names_what_the_service_answers(service: str) -> None:
    assert said(service, "Answers") == set(served_by(service_class(service)))


@pytest.mark.parametrize("service", SERVICES)
def test_every_request_of_the_contract_is_answered(service: str) -> None:
    importlib.import_module(f"contracts.{service}")
    assert set(all_requests(service)) == set(served_by(service_class(service)))


@pytest.mark.parametrize("service", SERVICES)
def test_the_docstring_names_the_events_of_the_contract(service: str) -> None:
    importlib.import_module(f"contracts.{service}")
    assert said(service, "States") == set(all_events(service))


@pytest.mark.parametrize("service", SERVICES)
def test_the_docstring_names_what_the_service_listens_to(service: str) -> None:
    assert said(service, "Listens") == {name for _, name in handled_by(service_class(service))}
