"""Word vectors in files: read with suspicion, laid out on a plane."""
