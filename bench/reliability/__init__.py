"""The faults that the suite in tests/faults injects, and the table of what visitors saw of them."""
