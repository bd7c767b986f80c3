"""One file per scenario; the catalogue finds them by itself."""
