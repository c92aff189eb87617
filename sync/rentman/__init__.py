"""Rentman's web service as a source of listings."""
