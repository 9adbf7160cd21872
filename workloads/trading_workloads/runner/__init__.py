"""Strategies at work: the same kernel bar by bar, over files, and live."""
