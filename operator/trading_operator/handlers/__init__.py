"""kopf and nothing else: an event in, a key into the queue."""
