"""What may be cleaned beyond the reference run's cleaning; all of it off by default."""
