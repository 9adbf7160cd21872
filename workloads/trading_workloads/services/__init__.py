"""The services of a system, one folder each."""
