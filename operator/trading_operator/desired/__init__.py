"""What should exist: pure functions from a resource to typed manifests. One noun, one file."""
