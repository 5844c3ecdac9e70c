"""What goes to a cluster: archives and images."""
