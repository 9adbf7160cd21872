"""Strategies on files, without a cluster: run, check, explain."""
