"""What may be advertised, and what an advert lacks: pure functions over listings and rules that are data."""
