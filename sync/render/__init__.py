"""From listings to the bytes that are published: shapes, words, pages."""
