"""List queries: from a query string to a page of ready-made cards."""
