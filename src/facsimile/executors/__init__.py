"""Where the jobs of a stage are done: on this machine's cores, or on a Ray cluster."""
