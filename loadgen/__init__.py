"""The load: users of the shop who arrive on a schedule, whatever the answers do.

Imports locust, gevent, prometheus_client and the standard library; nothing of ours. Only `client`,
`connections` and `locustfile` need gevent: everything else can be imported, and tested, without it.
"""
