"""A list taken row by row."""

from collections import Counter

import pytest

from sync.errors import RowError
from sync.model import Listing
from sync.source import taken


@pytest.mark.parametrize("field", ["propref", "Refnumber"])
def test_a_reference_that_is_itself_the_fault_is_not_repeated(field: str) -> None:
    """It may be somebody's telephone number."""

    def read(_row: str) -> tuple[Listing, Counter[str]]:
        raise RowError(field, "holds a private value")

    intake = taken(["07700 900123"], read, str)
    again = taken(["07700 900123"], read, str)

    (row,) = intake.quarantine
    assert "07700" not in row.id
    assert row.id.startswith("#")
    assert intake == again  # the same row is known again


def test_the_other_rows_of_a_list_go_on() -> None:
    def read(row: str) -> tuple[Listing, Counter[str]]:
        if row == "bad":
            raise RowError("rent", "is not a number")
        return Listing(id=row, address="High Street", offers=()), Counter(beds=1)

    intake = taken(["1", "bad", "2"], read, str)

    assert [listing.id for listing in intake.listings] == ["1", "2"]
    assert [(row.id, row.field) for row in intake.quarantine] == [("bad", "rent")]
    assert intake.warnings == {"beds": 2}
