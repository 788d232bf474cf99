"""Image -> image: unsharp masking, colour transfer, the classical restorers."""
