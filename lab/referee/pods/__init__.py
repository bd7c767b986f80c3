"""The pod controller: what is wanted of a deployment becomes containers behind the balancer."""
