"""Galleries for tests: what they collect, and who is told."""

from typing import Any

from sync.model import Medium
from tests.sync.samples import picture


class Arrivals:
    def __init__(self) -> None:
        self.count = 0

    async def __call__(self) -> None:
        self.count += 1


def made(filename: str, recipe: str, **fields: Any) -> Medium:
    return Medium(filename=filename, picture=picture(), recipe=recipe, **fields)
