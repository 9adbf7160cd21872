"""What is made from the models and checked in: CRDs, the chart's copies, RBAC, the field reference."""
