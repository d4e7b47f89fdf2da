"""Measurements: what the service costs beside the barest program that does the same, in ratios of one run.

`scripts/bench` runs them and prints one table; docs/performance.md explains each line and keeps the last full table.
An experiment is a module of its own; adding one to `bench.lines` adds its lines to the table.
"""
