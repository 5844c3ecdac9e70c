"""What SageMaker is asked for: pure functions, for the commands and the Airflow DAG alike."""
