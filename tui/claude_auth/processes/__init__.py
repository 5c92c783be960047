"""Running a program: the only room where processes start."""
