"""What users write: the models of the custom resources. Imports nothing else of the operator."""
