"""A trained net on images, crops and videos."""
