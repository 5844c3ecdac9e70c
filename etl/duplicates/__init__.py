"""Posts that repeat others, in the whole corpus: found by Spark, told to the tasks."""
