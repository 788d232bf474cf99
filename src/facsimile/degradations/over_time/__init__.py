"""Clip -> worse clip, one file each: everything is drawn once, then follows the frame's time."""
