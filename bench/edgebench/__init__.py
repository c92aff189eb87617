"""Measures the edge process alone, as a black box over HTTP, beside peers that serve the same bytes."""
