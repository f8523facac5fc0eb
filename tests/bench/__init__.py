"""Our speed beside the same work by hand-written SQL, in the same run: `make bench`."""
