"""The house of the records at the end of a month, with a key that other processes are given too."""

import dataclasses

import pytest

from core.crypto import ServiceKey
from core.office import Office
from tests.records.conftest import house, kinds, limits

__all__ = ["house", "kinds", "limits"]
KEY = bytes(range(32))


@pytest.fixture
def office(office: Office) -> Office:
    return dataclasses.replace(office, key=ServiceKey([KEY]))
