"""Video, image and archive reading and writing."""
