"""The operator against the floor and its peers, on a real API server with its controllers running."""
