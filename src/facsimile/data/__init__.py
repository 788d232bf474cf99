"""Records, data sets, splits and data modules."""
