"""Tables: what is compared with what, and against which baselines."""
