"""What can go wrong with the user's own OAuth clients, and what to do about it. Data only."""

from __future__ import annotations

from claude_auth.named_tuples import NamedTuple


class OAuthCause(NamedTuple):
    """One kind of failure. `verdict`: the authorization server itself said no. `reached`: it may have
    acted on the request. What stands in braces is filled in where the failure is told."""

    sentence: str
    next_step: str
    verdict: bool = False
    reached: bool = False


_AGAIN = "Start the sign-in again."
_CONFIGURATION = "Correct the configuration of the OAuth client, then start again."
_NOTHING_LOST = "Your credential is untouched."

OAUTH: dict[str, OAuthCause] = {
    # ── what the authorization server said ───────────────────────────────────────────────────────
    "denied": OAuthCause(
        "Access was denied, on the consent page or by the server itself.",
        f"{_AGAIN} Choose “allow” if you want it.",
        True,
    ),
    "code-expired": OAuthCause(
        "The server did not accept the code: it has expired, was used before, or belongs to another attempt.",
        f"{_AGAIN} A code can be used once and for a few minutes only.",
        True,
    ),
    "invalid-grant": OAuthCause(
        "The server no longer accepts the refresh token: this login has ended.", "Sign in again.", True
    ),
    "invalid-client": OAuthCause(
        "The server does not know this OAuth client, or its secret is wrong.",
        f"Check the client id, the secret and the way of client authentication. {_CONFIGURATION}",
        True,
    ),
    "unauthorized-client": OAuthCause(
        "The server does not allow this OAuth client to sign in this way.",
        "Ask the server's operator to allow the authorization code and refresh token grants.",
        True,
    ),
    "unsupported-grant": OAuthCause(
        "The server does not support this kind of token request.",
        f"Check the token URL. {_CONFIGURATION}",
        True,
    ),
    "invalid-scope": OAuthCause(
        "The server does not grant a scope that was asked for.", f"Check the scopes. {_CONFIGURATION}", True
    ),
    "invalid-request": OAuthCause(
        "The server found the request incomplete or wrong.",
        f"Check the redirect URI and the format of the token request (form or json). {_CONFIGURATION}",
        True,
    ),
    "state-required": OAuthCause(
        "The server wants the state in the token request as well.",
        'Set token_request_format to "json", then start again: the JSON request carries the state.',
        True,
    ),
    "server-refused": OAuthCause(
        "The authorization server answered with an error of its own.",
        "Ask the server's operator what it means.",
        True,
    ),
    "wrong-issuer": OAuthCause(
        "The answer comes from another authorization server than the one that was asked.",
        "Start again, in a fresh browser window; if it happens again, don't use this server.",
    ),
    # ── what stood in between ────────────────────────────────────────────────────────────────────
    "rate-limited": OAuthCause(
        "The server asks for a pause: too many requests (429).", "Wait {wait}; don't press on."
    ),
    "incident": OAuthCause(
        "The server has a problem of its own ({status}): an incident.",
        f"{_NOTHING_LOST} Wait, look at its status page, then try again.",
        reached=True,
    ),
    "authorize-incident": OAuthCause(
        "The server's sign-in page reports a problem of its own: an incident.",
        f"{_NOTHING_LOST} Wait, look at the server's status page, then start again.",
    ),
    "unavailable": OAuthCause(
        "The server says that it is unavailable for now ({status}).",
        f"{_NOTHING_LOST} Wait {{wait}}, look at its status page, then try again.",
        reached=True,
    ),
    "html": OAuthCause(
        "A web page came back where the server's answer belongs: a captive portal, gateway or firewall.",
        "Open a page in the browser and sign in to the network if it asks, then try again.",
        reached=True,
    ),
    "html-refusal": OAuthCause(
        "A web page came back where the server's answer belongs ({status}): a gateway or firewall refused.",
        f"{_NOTHING_LOST} Check the network, the proxy and the token URL, then try again.",
    ),
    "redirected": OAuthCause(
        "The request was sent on to another address ({status}): a captive portal, or the wrong URL.",
        "Sign in to the network if it asks, and check the token URL; redirects are not followed.",
    ),
    "proxy-authentication": OAuthCause(
        "The proxy wants a user name and password (407).",
        "Put them into HTTPS_PROXY, or ask who runs the proxy.",
    ),
    "proxy-unusable": OAuthCause(
        "The configured proxy can't be used.",
        "Check HTTPS_PROXY, HTTP_PROXY and ALL_PROXY: http:// and https:// proxies work.",
    ),
    "bad-request": OAuthCause(
        "The server found the request wrong (400) and doesn't say why.",
        'Start again with a fresh code; if it stays so, set token_request_format to "json": some servers '
        "want the state, which only that format carries.",
    ),
    "proxy-refused": OAuthCause(
        "The proxy did not let the connection through ({reason}).",
        f"{_NOTHING_LOST} Ask who runs the proxy to allow this server, or set NO_PROXY.",
    ),
    "unauthorized": OAuthCause(
        "401 came back, but not from the authorization server: a proxy or gateway wants credentials.",
        f"{_NOTHING_LOST} Check the proxy and the gateway, then try again.",
    ),
    "forbidden": OAuthCause(
        "The request was refused on the way ({status}): a firewall, a proxy or the country it comes from.",
        f"{_NOTHING_LOST} Check which network and proxy this terminal uses; the browser may use another.",
    ),
    "not-found": OAuthCause(
        "There is no such address at the server ({status}).", f"Check the URL. {_CONFIGURATION}"
    ),
    "unexpected-status": OAuthCause(
        "The server answered with a status that says nothing ({status}).",
        f"{_NOTHING_LOST} Check the URL, then try again.",
    ),
    # ── answers that can't be used ───────────────────────────────────────────────────────────────
    "truncated": OAuthCause(
        "The answer broke off in the middle.",
        "What was sent may have been used up: look whether the login still works, else sign in again.",
        reached=True,
    ),
    "not-json": OAuthCause(
        "The answer is not valid JSON.",
        "What was sent may have been used up: look whether the login still works, else sign in again.",
        reached=True,
    ),
    "wrong-content-type": OAuthCause(
        "The answer has the wrong content type, so it is not the authorization server's.",
        "Check the token URL and what stands in between (proxy, gateway).",
        reached=True,
    ),
    "missing-field": OAuthCause(
        "The answer lacks a usable {field}.",
        "Ask the server's operator: an OAuth answer has an access_token and the token_type Bearer.",
        reached=True,
    ),
    "too-large": OAuthCause(
        "The answer is far too large for a token.",
        "Check the token URL and what stands in between (proxy, gateway).",
        reached=True,
    ),
    "claude-account": OAuthCause(
        "That is a Claude account's own token: it belongs to Claude Code, and we neither send nor keep it.",
        "Sign in to a Claude account with Claude Code itself: claude auth login.",
        reached=True,
    ),
    # ── connections ──────────────────────────────────────────────────────────────────────────────
    "offline": OAuthCause(
        "The network can't be reached.", f"{_NOTHING_LOST} Check the connection, then try again."
    ),
    "dns": OAuthCause(
        "The name of the server can't be found ({host}).",
        f"{_NOTHING_LOST} Check the connection, the DNS and the spelling, then try again.",
    ),
    "refused": OAuthCause(
        "The connection was refused ({host}).",
        f"{_NOTHING_LOST} Check that the server runs, and the proxy; then try again.",
    ),
    "connect-timeout": OAuthCause(
        "No connection within {seconds} s ({host}).",
        f"{_NOTHING_LOST} Check the network and the proxy, then try again.",
    ),
    "time-out": OAuthCause(
        "The server gave no answer within {seconds} s.",
        "It may have acted all the same: look whether the login still works before you try again.",
        reached=True,
    ),
    "cut": OAuthCause(
        "The connection broke before the answer came.",
        "The server may have acted all the same: look whether the login still works before you try again.",
        reached=True,
    ),
    "tls": OAuthCause(
        "The server's certificate can't be trusted: {reason}.",
        "If your network inspects TLS, let SSL_CERT_FILE or NODE_EXTRA_CA_CERTS name its root certificate "
        "(PEM). Never switch the check off.",
    ),
    "trust": OAuthCause(
        "{reason}, so nothing was sent.",
        "Correct the variable or unset it: what it names has to hold certificates in PEM form.",
    ),
    "tls-handshake": OAuthCause(
        "No encrypted connection came about ({host}).",
        f"{_NOTHING_LOST} Check the proxy, and that the URL and port speak https.",
    ),
    "unexpected": OAuthCause(
        "Something went wrong that we did not foresee ({reason}).",
        "Please report it; look whether the login still works before you try again.",
        reached=True,
    ),
    # ── here ─────────────────────────────────────────────────────────────────────────────────────
    "clock": OAuthCause(
        "This computer's clock is {skew}.",
        "Set the clock (timedatectl set-ntp true; in WSL hwclock -s), then start again.",
    ),
    "busy": OAuthCause("Another sign-in is running.", "Finish or cancel it first: one at a time."),
    "cancelled": OAuthCause("The sign-in was cancelled.", "Nothing was changed."),
    "waited-too-long": OAuthCause(
        "Nothing came back from the browser within {minutes} minutes.",
        f"{_AGAIN} Without a way from the browser to this computer, paste the address instead.",
    ),
    "not-configured": OAuthCause("The OAuth client is not configured completely: {reason}.", _CONFIGURATION),
    "metadata": OAuthCause(
        "The issuer's metadata can't be used: {reason}.", f"Check the issuer. {_CONFIGURATION}"
    ),
    "state-directory": OAuthCause(
        "The directory for our own state can't be written ({reason}).", "Check its owner and mode."
    ),
}
