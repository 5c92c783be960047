"""Parts F, G and H: the account and its plan, the network, gateways, SDKs and CI."""

from __future__ import annotations

from claude_auth.diagnose.texts.knowledge import Cause, Fix, Phrase

_UPDATE = Fix("update Claude Code", "claude update")
_STATUS = Fix("see what is sent, and where to", "claude-auth status")
_NO_KEY = Fix("try once without the key", "env -u ANTHROPIC_API_KEY claude -p ok")
_STATUS_PAGE = Fix("look for an incident: https://status.claude.com")
_SUPPORT = Fix("ask Anthropic's support, with the request id of the error: https://support.claude.com")

CAUSES: tuple[Cause, ...] = (
    Cause(
        "organisation-disabled",
        (77,),
        "The organisation of the key is disabled",
        "Most often a forgotten ANTHROPIC_API_KEY of an organisation that no longer exists stands before a "
        "healthy subscription. Only if no key is set is the account itself suspended, and nothing on this "
        "machine changes that.",
        (
            _NO_KEY,
            Fix("if that works: take the key away where it is set", "unset ANTHROPIC_API_KEY"),
            _SUPPORT,
        ),
    ),
    Cause(
        "subscription-access-disabled",
        (78,),
        "The organisation does not allow subscriptions in Claude Code",
        "An administrator's policy, or the account's rights have not reached all servers yet. Keep the login "
        "as it is: it can't always be renewed in this state.",
        (
            Fix("ask the administrator of the organisation to allow it"),
            Fix("or work with an API key", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'),
            _SUPPORT,
        ),
        "not checkable here",
    ),
    Cause(
        "plan-required",
        (79,),
        "The account in the browser has no plan with Claude Code",
        "Usually the browser is signed in to another account than the one with the plan; sometimes a new "
        "plan is not known everywhere yet. Keep an existing login meanwhile.",
        (
            Fix("check which account the browser has: https://claude.ai/settings/account"),
            Fix("or use an API key", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'),
        ),
        "not checkable here",
    ),
    Cause(
        "subscription-not-recognised",
        (80,),
        "The subscription is not recognised",
        "You are signed in, but to an organisation without the plan, or its data did not come along with the "
        "sign-in. Several organisations under one address are the usual reason.",
        (
            Fix("sign in and choose the organisation with the subscription", "claude auth login"),
            _SUPPORT,
        ),
    ),
    Cause(
        "region-or-proxy-blocked",
        (81,),
        "The network's address is not served",
        "The server refuses the connection's country or proxy before it looks at the credential. Often the "
        "browser goes through a proxy and the shell does not.",
        (
            Fix("let the shell use the proxy that works", "export HTTPS_PROXY=http://proxy.example:8080"),
            Fix("see which countries are served: https://www.anthropic.com/supported-countries"),
        ),
    ),
    Cause(
        "model-not-in-plan",
        (82,),
        "Signed in, but this model or context is not in the plan",
        "The credential is fine. The model that is asked for does not exist, or this account may not use it "
        "or the long context.",
        (
            Fix("choose another model", "claude --model sonnet"),
            Fix(
                "see whether one is set", "grep -n model ~/.claude/settings.json; env | grep ANTHROPIC_MODEL"
            ),
        ),
        "seen",
    ),
    Cause(
        "tls-interception",
        (83,),
        "A proxy replaces the certificates",
        "The connection's certificate is signed by an authority that Claude Code does not know, usually the "
        "company's. Name its root certificate (PEM); switching the check off would give your credentials to "
        "anyone in between.",
        (
            Fix("name the root certificate", "export NODE_EXTRA_CA_CERTS=/path/to/company-root.pem"),
            Fix("or use the system's store with a recent client", "export NODE_USE_SYSTEM_CA=1"),
            Fix(
                "see who signs",
                "openssl s_client -connect api.anthropic.com:443 </dev/null 2>/dev/null | "
                "openssl x509 -noout -issuer",
            ),
        ),
    ),
    Cause(
        "ca-variable-not-inherited",
        (84,),
        "The certificate variable does not reach Claude Code",
        "Programs started from a desktop do not have the shell's variables, `~` is not expanded in settings, "
        "or the file named there can't be read as PEM.",
        (
            Fix("check the file", 'openssl x509 -in "$NODE_EXTRA_CA_CERTS" -noout -subject'),
            Fix("set the variable in the env block of ~/.claude/settings.json, with the full path"),
        ),
    ),
    Cause(
        "html-instead-of-json",
        (85,),
        "A gateway answered with a web page",
        "The body is HTML, so it came from a proxy, a load balancer or a content network and not from the "
        "API. A 401 or the advice to sign in says nothing about your credential then.",
        (
            Fix("try again in some minutes; keep the login"),
            Fix("see which hosts and proxies are in use", "env | grep -i -E 'proxy|ANTHROPIC_BASE_URL'"),
            _STATUS_PAGE,
        ),
        "seen",
    ),
    Cause(
        "clock-wrong",
        (86,),
        "The clock is wrong",
        "Signed requests and tokens carry times. WSL after sleep and resumed virtual machines are often "
        "minutes or hours behind.",
        (
            Fix("compare with a server", "curl -sI https://www.anthropic.com | grep -i ^date; date -u"),
            Fix("set it", "sudo timedatectl set-ntp true"),
            Fix("in WSL", "sudo hwclock -s"),
        ),
    ),
    Cause(
        "base-url-without-token",
        (87,),
        "A base URL is set, but no token for it",
        "ANTHROPIC_BASE_URL changes the host and nothing else. A gateway needs its own credential beside it; "
        "without one Claude Code asks for a sign-in and the gateway sees no request.",
        (
            Fix("give the gateway's token", 'export ANTHROPIC_AUTH_TOKEN="…"'),
            Fix("or go back to Anthropic", "unset ANTHROPIC_BASE_URL"),
        ),
    ),
    Cause(
        "gateway-wrong-header",
        (88,),
        "The gateway looks at the other header",
        "ANTHROPIC_AUTH_TOKEN becomes `Authorization: Bearer`, ANTHROPIC_API_KEY becomes `x-api-key`. A "
        "gateway that wants the one refuses the other, and some take the Bearer where both arrive.",
        (
            Fix("see which header each source fills", "claude-auth status"),
            Fix("put the gateway's key into the variable for the header it reads"),
        ),
        findings=("login-sent-to-gateway", "two-credentials-sent"),
    ),
    Cause(
        "base-url-unreachable",
        (90,),
        "The host is wrong or not there",
        "The name does not resolve or nothing listens at the address: a gateway that is not running, a "
        "typing error in ANTHROPIC_BASE_URL, or no network.",
        (
            Fix("see which host is asked", "claude-auth status"),
            Fix("start the gateway, or go back to Anthropic's own host", "unset ANTHROPIC_BASE_URL"),
        ),
    ),
    Cause(
        "embedded-without-key",
        (91,),
        "A program starts Claude Code without its credentials",
        "The Agent SDK and wrappers expect ANTHROPIC_API_KEY, and pass on only a part of the environment. "
        "Without HOME and USER the child finds no login either.",
        (
            Fix("set a key for the program", 'export ANTHROPIC_API_KEY="sk-ant-api03-…"'),
            Fix("let it pass HOME, USER and PATH to the child"),
        ),
    ),
    Cause(
        "action-hides-error",
        (92,),
        "The GitHub action hides what Claude Code said",
        "A run that ends after seconds, with one turn and no cost, was usually refused at the start: the "
        "secret's token is expired or was revoked. A login that is renewed elsewhere also ends copies of it.",
        (
            Fix("show the real text: set `show_full_output: true` on the action, for one run"),
            Fix("make a new token and store it without copying", "claude setup-token"),
            Fix("store it", "gh secret set CLAUDE_CODE_OAUTH_TOKEN"),
        ),
    ),
    Cause(
        "long-lived-token-expired",
        (93,),
        "A token made for a year has ended",
        "Tokens of `claude setup-token` last 365 days, and nothing in them says when that is over.",
        (Fix("make a new one, and note the day", "claude setup-token"),),
        "not checkable here",
    ),
)

_TLS = ("tls-interception", "ca-variable-not-inherited")
_BLOCKED = ("region-or-proxy-blocked",)
_DEAD = ("base-url-unreachable",)
_GATEWAY_PAGE = (
    r"\b(?:bad gateway|service unavailable|gateway time-?out|forbidden|cloudflare|nginx|just a moment)\b"
)

_HOSTS = ("anthropiccom", "claudecom", "claudeai")

PHRASES: tuple[Phrase, ...] = (
    Phrase("this organization has been disabled", ("organisation-disabled",), 90),
    Phrase("disabled claude subscription access", ("subscription-access-disabled",), 92),
    Phrase("oauth_org_not_allowed", ("subscription-access-disabled",), 90),
    Phrase(
        "oauth authentication is currently not allowed for this organization",
        ("subscription-access-disabled",),
        92,
    ),
    Phrase("claude max or pro is required", ("plan-required",), 90),
    Phrase("you need claude max or pro", ("plan-required",), 90),
    Phrase("is required to connect to claude code", ("plan-required",), 85),
    Phrase("hasavailablesubscription false", ("subscription-not-recognised",), 70),
    Phrase("oauthaccount null", ("subscription-not-recognised",), 65),
    Phrase("type forbidden message request not allowed", _BLOCKED, 90),
    Phrase("forbidden … request not allowed", _BLOCKED, 85, "no-stranger", gap=30),
    Phrase("request not allowed … forbidden", _BLOCKED, 85, "no-stranger", gap=30),
    Phrase("request not allowed", _BLOCKED, 65, "ours", alone=6),
    Phrase("oauth error request failed with status code 403", _BLOCKED, 90),
    Phrase("failed to connect to api.anthropic.com request failed with status code 403", _BLOCKED, 90),
    Phrase("app unavailable in region", _BLOCKED, 85),
    Phrase("might not be available in your country", ("region-or-proxy-blocked", *_DEAD), 60, "ours"),
    Phrase("unable to connect to anthropic services", ("base-url-unreachable", *_BLOCKED), 60),
    Phrase("theres an issue with the selected model", ("model-not-in-plan",), 85),
    Phrase("is not available with the claude … plan", ("model-not-in-plan",), 85, gap=20),
    Phrase("usage credits required for 1m context", ("model-not-in-plan",), 90),
    Phrase("extra usage is required for long context", ("model-not-in-plan",), 92),
    Phrase("self-signed certificate detected", _TLS, 85, "no-stranger"),
    Phrase("self_signed_cert_in_chain", _TLS, 80, "no-stranger"),
    Phrase("self-signed certificate in certificate chain", _TLS, 80, "no-stranger"),
    Phrase("depth_zero_self_signed_cert", _TLS, 75, "ours", alone=30),
    Phrase("unable to get local issuer certificate", _TLS, 80, "no-stranger"),
    Phrase("unable_to_get_issuer_cert_locally", _TLS, 80, "no-stranger"),
    Phrase("unable_to_verify_leaf_signature", _TLS, 75, "ours", alone=30),
    Phrase("unable to verify the first certificate", _TLS, 75, "ours", alone=30),
    Phrase("certificate_verify_failed", _TLS, 75, "ours", alone=10),
    *(
        Phrase(code, ("clock-wrong", "tls-interception"), 75, near=("unabletoconnecttoapi", *_HOSTS))
        for code in ("cert_has_expired", "cert_not_yet_valid")
    ),
    Phrase("unable to connect to api ssl certificate", _TLS, 85),
    Phrase("ssl certificate hostname mismatch", _TLS, 75, "ours"),
    Phrase("corporate ssl certificates", _TLS, 85),
    Phrase("ignoring extra certs from", ("ca-variable-not-inherited", "tls-interception"), 85),
    Phrase(
        "html",
        ("html-instead-of-json",),
        90,
        "no-stranger",
        look=r"(?<![\d.])[2345]\d\d\b[\s{}\"':,·-]{0,12}<\s*(?:!doctype\s+)?html",
        hides=("region-or-proxy-blocked",),
    ),
    Phrase(
        "html",
        ("html-instead-of-json",),
        80,
        "no-stranger",
        look=r"\A\W{0,8}<\s*(?:!doctype\s+)?html\b[\s\S]{0,600}?" + _GATEWAY_PAGE,
    ),
    Phrase(
        "unexpected token",
        ("html-instead-of-json", *_DEAD),
        75,
        "ours",
        look=r"(?:unexpected|unrecogni[sz]ed) token\W{0,4}<",
    ),
    Phrase(
        "unrecognized token",
        ("html-instead-of-json",),
        75,
        "ours",
        look=r"(?:unexpected|unrecogni[sz]ed) token\W{0,4}<",
    ),
    Phrase("signature expired … is now earlier than", ("clock-wrong",), 90, gap=60),
    Phrase("signature not yet current", ("clock-wrong",), 90),
    Phrase("signaturedoesnotmatch", ("clock-wrong", "aws-token-invalid"), 70, "ours", alone=10),
    Phrase("request_time_too_skewed", ("clock-wrong",), 80, unless=("s3",)),
    Phrase("requestexpired", ("clock-wrong",), 60, "ours", alone=4),
    Phrase("token must be a short-lived token … reasonable timeframe", ("clock-wrong",), 80, gap=30),
    Phrase("token used too early", ("clock-wrong",), 70, "ours"),
    Phrase(
        "detail invalid api key",
        ("gateway-wrong-header",),
        75,
        "no-stranger",
        look=r"detail\W{1,8}invalid api key",
    ),
    Phrase("invalid proxy server token passed", ("gateway-wrong-header",), 80),
    Phrase("litellm virtual key expected", ("gateway-wrong-header",), 85),
    Phrase(
        "unable to connect to api",
        ("base-url-unreachable",),
        80,
        near=("econnrefused", "enotfound", "econnreset", "timedout"),
    ),
    Phrase(
        "unable to connect to api",
        ("base-url-unreachable",),
        45,
        "ours",
        unless=("certificate", "selfsigned", "ssl"),
    ),
    Phrase("api error … econnrefused", _DEAD, 60, gap=40, look=r"api error[^\n]{0,60}econnrefused"),
    Phrase("api error … enotfound", _DEAD, 60, gap=40, look=r"api error[^\n]{0,60}enotfound"),
    Phrase("api error invalid url", _DEAD, 80, "no-stranger"),
    Phrase(
        "failed to connect to api.anthropic.com",
        _DEAD,
        60,
        unless=("certificate", "selfsigned", "cert", "statuscode403"),
    ),
    Phrase("failed to connect to … claude.com port", _DEAD, 60, gap=20),
    Phrase("temporary failure in name resolution", _DEAD, 55, "ours", alone=0),
    Phrase("econnreset", _DEAD, 45, "ours", near=("apierror", "anthropiccom", "claudecom"), alone=0),
    Phrase("getaddrinfo … anthropic.com", _DEAD, 75, gap=20),
    Phrase("getaddrinfo … claude.com", _DEAD, 75, gap=20),
    Phrase("getaddrinfo … claude.ai", _DEAD, 75, gap=20),
    Phrase("could not resolve host … anthropic.com", _DEAD, 75, gap=20),
    Phrase("services.ai.azure.com … name could not be resolved", _DEAD, 80, gap=30),
    Phrase("name could not be resolved", _DEAD, 60, "ours", alone=30),
    Phrase("econnrefused", _DEAD, 45, "ours", near=("anthropicbaseurl", "apierror"), alone=0),
    Phrase("econnrefused", _DEAD, 40, "ours", look=r"\A\W*econnrefused\W*\Z", alone=0),
    Phrase("enotfound", _DEAD, 40, "ours", look=r"\A\W*enotfound\W*\Z", alone=0),
    Phrase("claude code process exited with code", ("embedded-without-key",), 65, unless=("codezero",)),
    Phrase("claude execution failed … is_error", ("action-hides-error", "setup-token-rejected"), 85, gap=40),
    Phrase("result is_error true", ("action-hides-error", "setup-token-rejected"), 70, "ours"),
    Phrase(
        "is_error true … total_cost_usd 0",
        ("action-hides-error", "setup-token-rejected", "long-lived-token-expired"),
        70,
        look=r"total_cost_usd\W{1,6}0(?:\.0+)?(?![\d.])",
        gap=250,
    ),
)
