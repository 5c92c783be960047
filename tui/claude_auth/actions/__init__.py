"""What a person can ask for: each an async iterator of events, the same for the command line and the app."""
