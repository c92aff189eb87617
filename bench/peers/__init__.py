"""Other servers that answer with the same bytes, one file and one process each."""
