"""Room kept free on the disk of a run, so that what stops it can still be written down."""

import os
from pathlib import Path

SIZE_BYTES = 256 * 1024
"""A journal's last lines and the reports; a page with a long timeline is the largest of them."""


class Reserve:
    """A file that only takes room, until it is given up."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def keep(self) -> bool:
        """Take the room; False where there is none. What cannot be compressed away is written."""
        try:
            if not self.path.exists():
                self.path.write_bytes(os.urandom(SIZE_BYTES))
        except OSError:
            self.give_up()
            return False
        return True

    def give_up(self) -> None:
        """Make the room free."""
        self.path.unlink(missing_ok=True)
