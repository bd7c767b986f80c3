"""The lab's referee: drives the timeline, owns the pods, samples, records and judges. Runs in a container."""
