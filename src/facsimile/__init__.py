"""facsimile: a reproducible experiment framework for synthetic-face forensics."""
