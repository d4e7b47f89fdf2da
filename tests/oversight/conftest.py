"""The house of the tests of records, with the companies, the risk rules and the reports of the product."""

import pytest

from core.limits import Limits
from oversight.definition import Reports
from oversight.reports import load_reports
from oversight.rule import Rules
from oversight.rule_file import load_rules
from records.kind import Kinds
from tests.records.conftest import House, house, kinds, limits

__all__ = ["House", "house", "kinds", "limits"]


@pytest.fixture(scope="session")
def rules(kinds: Kinds, limits: Limits) -> Rules:
    return load_rules(kinds, limits)


@pytest.fixture(scope="session")
def reports(kinds: Kinds) -> Reports:
    return load_reports(kinds)
