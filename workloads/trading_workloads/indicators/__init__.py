"""Indicators as steps: state and one bar in, one value per symbol out, in time that does not grow with history."""
