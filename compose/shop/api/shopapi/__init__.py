"""The shop's API."""
