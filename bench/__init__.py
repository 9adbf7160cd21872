"""Benchmarks: speeds as ratios within one run, and CPU time per operation. Never part of the tests."""
