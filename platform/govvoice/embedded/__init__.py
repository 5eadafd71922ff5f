"""One machine without a database server: Postgres and Valkey out of wheels, first-run secrets, the runner."""
