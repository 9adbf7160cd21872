"""The workloads that the operator runs: bars in, signals out, each exactly once."""
