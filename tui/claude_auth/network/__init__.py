"""The network, asked only on request: each step to each host that is needed, and one live request."""

from claude_auth.version import __version__

#: Whom every request of ours says it comes from: no other program is imitated.
USER_AGENT = f"claude-auth/{__version__}"
