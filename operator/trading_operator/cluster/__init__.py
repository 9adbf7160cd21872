"""The only place that talks over HTTP: to the API server, and to the signal services of systems."""
