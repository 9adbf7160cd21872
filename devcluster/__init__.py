"""A Kubernetes for the demo, the tests and development, from one command.

Three backends answer the same commands (`backend.py`): a cluster that KUBECONFIG names, kind where a Docker engine
answers, and otherwise a cluster of one node that is built from the Go modules of Kubernetes and runs on this machine.
"""
