"""Others that make the same thirty children."""
