"""The append-only record of a run: events and samples. Grading reads only this."""
