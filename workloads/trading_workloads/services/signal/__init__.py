"""The service that runs the shared strategies and answers for their signals."""
