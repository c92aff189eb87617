"""Rentman's XML v2.4, pushed into a watched folder, as a source of listings."""
