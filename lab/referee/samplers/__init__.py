"""The witnesses of a run, each read about once a second."""
