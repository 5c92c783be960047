"""Our token sets on disk and in the OS keyring, the locks, and the coordinator of refreshes.

The one room that writes credentials; Claude Code's own and claw's are never written, here neither.
"""
