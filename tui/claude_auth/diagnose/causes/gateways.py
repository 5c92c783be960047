"""The organisation's gateway and others that stand before the API: who is let in, and what they answer."""

from __future__ import annotations

from claude_auth.diagnose.cause import Cause, act
from claude_auth.model import Fix

_ADMINISTRATOR = Fix("ask who runs the gateway")
_TO_THE_GATEWAY = Fix("start claude in a terminal, type /login and sign in to the gateway", "claude")

CAUSES: tuple[Cause, ...] = (
    Cause(
        "gateway-sign-in",
        "The organisation's gateway wants a sign-in",
        "Managed settings send requests through the organisation's gateway, which has a sign-in of its own. "
        "There is none yet, or that session has ended. A Claude login or `claude auth login` does not "
        "replace it; each open session needs it. Where ANTHROPIC_AUTH_TOKEN holds the gateway's token "
        "(CLAUDE_CODE_USE_GATEWAY), get a fresh one and restart.",
        (116,),
        fixes=(
            _TO_THE_GATEWAY,
            Fix("or set the fresh token, then restart", 'export ANTHROPIC_AUTH_TOKEN="…"'),
        ),
        who="client",
        phrases="""
            94: sign-in to the organization ended, claude_code_use_gateway is set but, claude_code_use_gateway
                is on, restart to use this sign-in, once you sign in to the gateway, not signed in to the
                cloud gateway, cloud gateway session expired, cloud gateway token expired, through its gateway
                which you havent signed in to, through its gateway which you arent signed in to, no gateway
                sign-in, not signed in to your organizations gateway, gateway session has expired, sign-in to
                your organizations gateway has ended, gateway session expired, renew your sign-in to your
                organizations gateway, this session uses a cloud gateway, could not sign in to your
                organizations gateway, the gateway sign-in has expired, your organizations gateway did not
                accept your sign-in, gateway session ended, saved sign-in to your organizations gateway,
                refresh the gateway token provided via, configure a cloud gateway sign-in, organization
                sign-in in secure storage, sign-in to your organization has ended, this session holds no
                gateway credential, start the sign-in to your organizations gateway, gateway session expires
                in, load the cloud gateway sign-in, gateway identity-provider sign-in failed
            94: cloud gateway … no longer accepts this session, cloud gateway … saved sign-in has ended, cloud
                gateway … did not accept the new sign-in; gap: 80
            80: cloud gateway sign-in
            75 ours: sign in to the gateway; alone: 40
        """,
    ),
    Cause(
        "gateway-excludes-key",
        "The organisation's gateway does not take this key, token or sign-in",
        "Managed settings demand the gateway's own sign-in. Claude Code then refuses to start with an API "
        "key, a token or a helper, whoever set it, and does not send another sign-in there.",
        (117,),
        fixes=(
            Fix("take it away in this shell", "unset ANTHROPIC_API_KEY ANTHROPIC_AUTH_TOKEN"),
            _TO_THE_GATEWAY,
        ),
        who="client",
        also="gateway-sign-in",
        seen_by="managed-policy",
        phrases="""
            95: requires a cloud gateway sign-in on this machine, a gateway machine does not accept, managed
                settings require another sign-in, managed settings require the gateway sign-in, managed
                settings on this machine require the gateway sign-in, which a gateway machine, managed
                settings require the cloud gateway sign-in, gateway login is required by, doesnt accept your
                own anthropic sign-in, doesnt accept the persons own sign-in, not the gateway your
                organizations managed settings name, outside the gateway policy, managed settings do not name
                that gateway, settings no longer offer this gateways, name another gateway or none, is not an
                accepted source for them
        """,
    ),
    Cause(
        "gateway-not-private",
        "The gateway can't be reached, or its address is not a private one",
        "Claude Code signs in only to a gateway inside the organisation's network, and only if the "
        "certificate stays the one that was trusted. Away from that network (VPN off), behind a public "
        "proxy or with a public address it refuses. Signing in again changes nothing.",
        (118,),
        fixes=(Fix("join the organisation's network or VPN, then try again"), _ADMINISTRATOR),
        who="network",
        phrases="""
            95: gateway hosts must be on your organizations private network, gateway host must be private,
                every address for a gateway host, every address for gateway host, to reach the gateway, could
                not resolve gateway host, couldnt connect to the gateway, resolve gateway host, could not
                connect to gateway host, couldnt reach the gateway, gateway lookups did not, gateway login
                would go through proxy, gateway url must use https, gateway vouching did, verify the gateways
                tls certificate, tls certificate for this gateway has changed, gateways tls certificate
                changed, gateway tls certificate does not match, gateway tls pin, checks over a direct
                connection not through an http proxy, recognized claude gateway host, from inside its declared
                network
            94: cloud gateway … tls certificate, cloud gateway … is not trusted on this machine; gap: 60
        """,
    ),
    Cause(
        "gateway-refused",
        "The gateway itself refused the request",
        "The answer is the gateway's own: a rule of its administrator, or an organisation or account for "
        "which Claude Code is not enabled there. Neither your sign-in nor a file here is at fault, and "
        "signing in again changes nothing.",
        (118,),
        fixes=(_ADMINISTRATOR,),
        certainty="not-checkable",
        phrases="""
            95: gateway refused the request, claude code may not be enabled for your organization, load
                settings from cloud gateway, managed settings from cloud gateway, gateway is limiting sign-in
                attempts, couldnt load settings from cloud gateway, check with your gateway administrator,
                contact your gateway administrator
            95: cloud gateway … refused managed settings; gap: 80
            70 ours: gateway refused; alone: 40
            75 no-stranger: rbac access denied, budget has been exceeded, exceededbudget, blocked by guardrail
        """,
    ),
    Cause(
        "gateway-upstream-refused",
        "The gateway's own credential was refused behind it",
        "The gateway took the request and could not sign in to the provider behind it: its own key or "
        "account is wrong, expired or used up. The error is in its configuration, not in your login.",
        (119,),
        fixes=(Fix("let who runs the gateway renew the credential that it sends upstream"),),
        certainty="not-checkable",
        also="gateway-wrong-header",
        # LiteLLM (97) names the provider whose answer it hands on.
        phrases=r"""
            96: could not authenticate with its upstream provider, no available claude accounts, upstream
                authentication failed, no available accounts, upstream access forbidden,
                litellm.authenticationerror anthropicexception, no healthy deployments available, upstream
                provider rejected, all claude accounts are, credential pool exhausted, no available channel
                for model, anthropicexception authentication
            97: litellm … bedrockexception, litellm … vertexaiexception, litellm … azureexception, litellm …
                anthropicexception, litellm … openaiexception; near: apierror claude; gap: 40;
                hides: aws-no-credentials aws-token-invalid aws-token-expired adc-missing adc-reauth
            85 no-stranger: no keys found for provider, upstream returned 401, upstream returned 403, upstream
                error 401, upstream status 401, upstream responded with 401, provider returned error 401
            90 no-stranger: upstream provider … returned http 4; gap: 40; look: returned http 4\d\d
        """,
    ),
    Cause(
        "anthropic-beta",
        "The gateway hands the OAuth beta header to a cloud that refuses it",
        "Claude Code adds `anthropic-beta: oauth-…` for a login. The gateway passes that on to Bedrock, "
        "Vertex or another provider, which does not know it and answers 400.",
        (119,),
        fixes=(
            Fix("at the gateway, drop the oauth value from anthropic-beta for that provider"),
            Fix("or give the gateway a token of its own", 'export ANTHROPIC_AUTH_TOKEN="…"'),
            Fix("or send no experimental betas", "export CLAUDE_CODE_DISABLE_EXPERIMENTAL_BETAS=1"),
        ),
        also="gateway-drops-beta-header",
        phrases="""
            96: unexpected value … for the anthropic-beta header; gap: 120
            90: invalid beta flag, unsupported beta header, unknown beta header
        """,
    ),
    Cause(
        "gateway-key-unknown",
        "The gateway does not know this key, or takes it no more",
        "The key arrived in the header that the gateway reads, and is not among its keys, has expired there, "
        "or may not use this model. A Claude login does not replace it.",
        (88,),
        fixes=(
            act("panel.wire", "see which key is sent, and where to"),
            Fix(
                "ask who runs the gateway for a key that it knows, and set it",
                'export ANTHROPIC_AUTH_TOKEN="…"',
            ),
        ),
        also="gateway-wrong-header gateway-key-form",
        phrases="""
            92: token_not_found_in_db, unable to find token in cache, invalid proxy server token passed,
                authentication error expired key, key not allowed to access model, key_model_access_denied,
                team not allowed to access model, invalid api key error code 03
            75 ours: user not found, key not found, invalid virtual key, unknown api key, api key has been
                revoked, api key is disabled, api key has expired
        """,
    ),
    Cause(
        "gateway-key-form",
        "The gateway wants a key of another form",
        "The value that arrived is no key of this gateway: a placeholder that was never replaced, a "
        "variable's name instead of its value (`${…}` is not expanded in settings), or another provider's.",
        (88,),
        fixes=(
            act("panel.wire", "see what is sent, from where"),
            Fix("put the gateway's own key, as it is, into the variable", 'export ANTHROPIC_AUTH_TOKEN="…"'),
        ),
        also="gateway-wrong-header",
    ),
)
