"""Rentman: its fields, codes and private values, and its web service as a source of listings."""
