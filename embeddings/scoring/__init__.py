"""How good vectors are: word pairs, analogies, nearest words."""
