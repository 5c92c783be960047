"""What programs get: the names that `claude_auth` itself hands out, on the engine of the dashboard.

`resolve` decides which credential is used, the coordinator of `store` refreshes, `oauth` signs in. A Claude
account's tokens go nowhere from here: such a query is asked through the installed `claude`. What a caller
gave is checked before anything starts; what comes back wrong is one of `errors`, never a library's exception.
"""
