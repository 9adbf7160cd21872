"""What every process that answers HTTP shares: probes, metrics, problem documents, the internal token."""
