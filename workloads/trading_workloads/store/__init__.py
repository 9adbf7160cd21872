"""Redis as the workloads use it: a connection that fails fast, scripts, and patience."""
