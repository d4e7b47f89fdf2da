"""Migrations, written by hand from a whitelist of operations (docs/decisions)."""
