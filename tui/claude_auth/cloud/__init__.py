"""AWS and Google identity: who Bedrock and Vertex would be called as, from files, and asked on a key press.

`plan_*` read files and compute, `ask_*` start one short-lived process that imports boto3 or google-auth: both
libraries read the process's own environment and home wherever they look, and the environment that counts is
Claude Code's. Nothing here imports them into the process that asks.
"""
