"""The lab as a cluster: its pods and services as Kubernetes objects, and what may be done to them."""
