"""Plain nn.Module networks, one file a family."""
