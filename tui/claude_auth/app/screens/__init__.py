"""The screens: the dashboard, and dialogs that are built when they are asked for."""
