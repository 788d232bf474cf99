"""Detecting, aligning, cropping, masking, grading and recognising faces."""
