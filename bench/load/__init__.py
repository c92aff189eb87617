"""Visitors by the thousand: Locust suites, thresholds, and what happens to the stack meanwhile."""
