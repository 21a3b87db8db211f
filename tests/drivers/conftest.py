"""Closes what the cells of a test have opened."""

import sqlite3

import pytest

from tests.drivers.recorded import namespaces


@pytest.fixture(autouse=True)
def closed_connections():
    yield
    for namespace in namespaces:
        for value in namespace.values():
            if isinstance(value, sqlite3.Connection):
                value.close()
            elif type(value).__name__ == "Engine":
                value.dispose()
    namespaces.clear()
