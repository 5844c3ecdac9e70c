"""Pages and pictures: the map of words, the comparison of runs."""
