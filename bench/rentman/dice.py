"""Two ways to decide: by chance, and by turn, so that even a small portfolio has one of each rarity."""

from random import Random


def chance(rng: Random, share: float) -> bool:
    return rng.random() < share


def every(period: int, at: int, index: int) -> bool:
    """True for one index in each period."""
    return index % period == at
