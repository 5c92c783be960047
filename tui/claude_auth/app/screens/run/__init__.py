"""Running a command: what is offered, the consent, the screen, the history."""
