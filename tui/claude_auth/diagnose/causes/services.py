"""Sign-ins that no Claude credential is part of: MCP servers, and GitHub's side of the action."""

from __future__ import annotations

from claude_auth.diagnose.cause import Cause
from claude_auth.model import Fix

_IN_MCP = Fix("in claude, open /mcp, choose the server and authenticate", "claude")

CAUSES: tuple[Cause, ...] = (
    Cause(
        "mcp-sign-in",
        "An MCP server wants a sign-in of its own",
        "The MCP server's authorisation is missing, has expired or lacks a scope. It has nothing to do with "
        "the Claude login: /login does not help, /mcp does.",
        (126,),
        fixes=(_IN_MCP, Fix("see which servers need it", "claude mcp list")),
        certainty="seen",
        # A connector of claude.ai is an MCP server by that name; http and sse: as `claude mcp list` says it.
        phrases=r"""
            96: run mcp to re-authenticate, run mcp to authenticate, mcp server needs authentication, open mcp
                and select re-authenticate, run mcp and authenticate, use mcp to sign in, ask the user to run
                mcp, run mcp to sign in, this session and run mcp, claude mcp login, send mcp_authenticate,
                authenticate mcp servers while no terminal
            95: mcp server … needs you to sign in, mcp server … needs authentication, mcp server … requires
                authentication, mcp server … lost authentication, mcp server … requires re-authorization, mcp
                server … needs additional permissions, mcp server … requires authorization, mcp server … sent
                without your stored credentials, mcp server … token expired, mcp server … rejected the session
                credential, mcp server … authentication required, mcp server … unauthorized, mcp server … http
                401, mcp server … http 403, mcp server … status code 401, mcp server … token refresh, mcp
                server … sign-in; gap: 60
            92: mcp … requires re-authorization; gap: 120
            92: claude.ai … authentication required; gap: 40; look: claude\.ai
                (?!(?:account|login|oauth|session|sign|subscription)\b)[\w.-]+(?: [\w.-]+){0,3}(?::
                https?://\S+)?\s*[:·-]\s*\W*authentication required
            92: claude.ai … needs authentication; gap: 40; look: claude\.ai
                (?!(?:account|login|oauth|session|sign|subscription)\b)[\w.-]+(?: [\w.-]+){0,3}(?::
                https?://\S+)?\s*[:·-]\s*\W*needs authentication
            92: http needs authentication, sse needs authentication; look: \((?:http|sse)\) - \W*needs
                authentication
            85 no-stranger: authentication required for … server; gap: 40
            75: invalid_token … mcp, mcp … invalid_token; gap: 200
            75: resource_metadata; near: mcp wwwauthenticate
        """,
    ),
    Cause(
        "mcp-sign-in-fails",
        "The sign-in to an MCP server can't be carried out",
        "The MCP server, or the authorization server it names, does not offer what a sign-in needs: its "
        "metadata is missing (404), names another issuer or resource, or it does not let clients register "
        "by themselves (dynamic client registration). It is a matter of that server's configuration.",
        (126,),
        fixes=(
            Fix("check the URL of the MCP server", "claude mcp get NAME"),
            Fix("give the client id that its operator made", "claude mcp add --client-id ID …"),
            Fix("ask who runs the MCP server"),
        ),
        also="mcp-sign-in",
        phrases="""
            97: sdk auth failed, does not support dynamic client registration, mcp oauth, no way to register
                claude code as an oauth client, failed to discover oauth metadata, invalid oauth error
                response, failed to fetch oauth metadata, no oauth flow is in progress, does not implement
                oauth 2.0 protected resource metadata, failed to start oauth flow for, incompatible auth
                server, doesnt support oauth login its only available for, client information is required when
                exchanging, start oauth flow, client information must be saveable for dynamic, issuer
                mismatch, authorization server changed signed in with, does not match expected issuer,
                protected resource … does not match expected
            92: mcp … issuer … does not match, authorization with the mcp server failed
            80: dynamic client registration
            85: couldnt complete authentication for
        """,
    ),
    Cause(
        "mcp-headers-helper",
        "The command that gives an MCP server's headers fails",
        "`headersHelper` of an MCP server's configuration prints the headers for it. It failed, printed no "
        "JSON object, or the server refuses the credential in it. The Claude login has no part in it.",
        (126,),
        fixes=(Fix("run the headersHelper by hand, then reconnect in /mcp"),),
        also="mcp-sign-in",
        phrases="98: headershelper",
    ),
    Cause(
        "github-app-token",
        "The action could not sign in to GitHub",
        "Before Claude is asked, the action swaps GitHub's OIDC token for one of the Claude GitHub App. No "
        "Claude credential is involved: the workflow may not ask for an OIDC token, the app is not "
        "installed on the repository, or the workflow differs from the default branch's. With an own "
        "`github_token` the exchange is left out.",
        (127,),
        fixes=(
            Fix("let the job ask for it: `permissions:` with `id-token: write` in the workflow"),
            Fix("install the app on the repository: https://github.com/apps/claude"),
            Fix("or give a token of your own: `github_token: ${{ secrets.GITHUB_TOKEN }}` in `with:`"),
        ),
        certainty="seen",
        who="github",
        phrases="""
            92: app token exchange failed, invalid oidc token, failed to setup github token, could not fetch
                an oidc token, get actions_id_token_request_url env variable, actions_id_token_request_token,
                claude code is not installed on this repository, failed to get oidc token, claude github app
                is not installed, id-token write, custom github token or custom github app, workflow
                validation failed, github app not installed, install the claude github app, unable to get oidc
                token; hides: setup-token-rejected action-hides-error
            70 ours: actor does not have write permissions
            60 ours: bad credentials; near: github; alone: 40
            75: resource not accessible by integration; near: claude action
        """,
    ),
)
