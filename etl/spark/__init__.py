"""The Spark layer: one pass a table, thin over the modules that know no Spark."""
