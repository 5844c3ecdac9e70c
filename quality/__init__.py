"""What a corpus is like, what it has to be like, and the gate between the two."""
