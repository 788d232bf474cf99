"""C2PA signing and reading, consent."""
