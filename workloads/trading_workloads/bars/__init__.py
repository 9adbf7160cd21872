"""Bars: what one is, where they come from, and how they are written down."""
