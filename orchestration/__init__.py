"""What the Airflow DAG needs beyond its arguments: names, requests, commands, operators."""
