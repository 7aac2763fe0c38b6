"""The books under test."""

from __future__ import annotations

import pytest
from tests.integration.ledger.ledger_books import BANK, A, Books, move, open_books

from anfu.storage.database import Database


@pytest.fixture
async def books(database: Database) -> Books:
    """Every account is open; A has 100.00 yuan, which lie at the bank."""
    opened = await open_books(database)
    assert await opened.post(move("seed", BANK, A, 10_000)) == {}
    return opened
