"""A second deployment of the shop, to stand beside `api` behind its service."""

GREEN = """
apiVersion: apps/v1
kind: Deployment
metadata: {name: api-green}
spec:
  replicas: 2
  selector: {matchLabels: {app: api, track: green}}
  template:
    metadata: {labels: {app: api, track: green}}
    spec: {containers: [{name: api, image: "shop/api:2.3.1"}]}
"""
