"""What is known about causes: a file an area, a record a cause."""
