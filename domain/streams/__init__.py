"""The kinds of streams, a package each: what may be asked, what is known, what is decided."""
