"""Is everything this installation needs there, and what to do about each thing that is not."""
