"""How the edge of a face is hidden: one way a file, all of them `Blend`s."""
