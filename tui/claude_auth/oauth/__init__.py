"""OAuth for native programs (RFC 6749, 7636, 8252, 9700), for the clients that the user configures.

Pure in the middle (`pkce`, `messages`, `paste`, `failures`, `discovery`), I/O at the edge (`transport`,
`loopback`), and `flow`, which lets a browser and a paste race into one answer. No client id is built in, and
nothing here ever sends or keeps a token of a Claude account: that is Claude Code's own affair.
"""
