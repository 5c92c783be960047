"""Error texts as people have posted them, each with the entries of the catalogue that it may be about.

The first number is the entry under which the text stands; a recognised cause must name it. Facts for tests:
none of it is shown to anybody.
"""

from __future__ import annotations

from typing import NamedTuple


class Text(NamedTuple):
    entry: int
    text: str


def api(status: int, kind: str, message: str, head: str = "API Error: ", tail: str = "") -> str:
    body = (
        f'{{"type":"error","error":{{"type":"{kind}","message":"{message}"}},'
        '"request_id":"req_011CSHoEeqs5C35K2UUqR7Fy"}'
    )
    return f"{head}{status} {body}{tail}"


_LOGIN = " · Please run /login"

LOGIN = (
    Text(1, api(401, "authentication_error", "OAuth authentication is currently not supported.")),
    Text(
        1,
        "anthropic.AuthenticationError: Error code: 401 - {'type': 'error', 'error':\n"
        "{'type': 'authentication_error', 'message': 'OAuth authentication is currently not supported.'}}",
    ),
    Text(
        2,
        api(
            400,
            "invalid_request_error",
            "This credential is only authorized for use with Claude Code and cannot be used for other "
            "API requests.",
        ),
    ),
    Text(
        3,
        api(
            400,
            "invalid_request_error",
            "Third-party apps now draw from your extra usage, not your plan limits. Add more at "
            "claude.ai/settings/usage and keep going.",
            head="",
        ),
    ),
    Text(
        3,
        "We've added a $100 credit to get you started. Claim it at claude.ai/settings/usage and keep going.",
    ),
    Text(
        4,
        api(
            401,
            "authentication_error",
            "OAuth token has expired. Please obtain a new token or refresh your existing token.",
            tail=_LOGIN,
        ),
    ),
    Text(4, "OAuth access token has expired. Re-authenticate to continue."),
    Text(4, "Login expired · Please run /login"),
    Text(
        5,
        "$ claude /login\n"
        + api(
            401,
            "authentication_error",
            "OAuth token has expired. Please obtain a new token or refresh your existing token.",
            tail=_LOGIN,
        ),
    ),
    Text(6, "OAuth token revoked · Please run /login"),
    Text(
        6,
        '403 {"type":"error","error":{"type":"permission_error","message":"OAuth token has been revoked. '
        'Please obtain a new token."}}',
    ),
    Text(7, "Login successful\n\n> hi\nOAuth token revoked · Please run /login"),
    Text(
        7,
        "Login successful. Press Enter to continue\n"
        + api(401, "authentication_error", "Invalid bearer token"),
    ),
    Text(8, api(401, "authentication_error", "Invalid bearer token")),
    Text(9, "API Error: 401 Invalid authentication credentials"),
    Text(9, "Please run /login · " + api(401, "authentication_error", "Invalid authentication credentials")),
    Text(10, 'API Error: 401, token refresh failed: HTTP 400 {"error": "invalid_grant"}'),
    Text(11, "API Error: 401 Invalid authentication credentials"),
    Text(12, "Claude token refresh failed: HTTP 400 (invalid_grant)"),
    Text(13, '{"accessToken":"","refreshToken":"","expiresAt":0,"refreshTokenExpiresAt":1787269979281}'),
    Text(14, "SIGN-IN EXPIRED"),
    Text(14, "Claude login has expired. Run claude /login again."),
    Text(14, "Claude OAuth token expired. Run 'claude' to refresh."),
    Text(
        15,
        "POST https://platform.claude.com/v1/oauth/token 429 "
        '{"error":{"type":"rate_limit_error","message":"Rate limited. Please try again later."}}',
    ),
    Text(15, '429 {"error":{"type":"rate_limit_error","message":"Rate limited. Please try again later."}}'),
    Text(16, "GET https://api.anthropic.com/api/oauth/usage: HTTP 429"),
    Text(
        17,
        '403 {"error":{"type":"permission_error","message":"Invalid authorization",'
        '"details":{"error_code":"account_session_invalid"}}}',
    ),
    Text(
        18,
        'API Error: 401 {"type":"error","error":{"type":"authentication_error","message":"Invalid bearer '
        'token"}}',
    ),
    Text(18, "Failed to authenticate. API Error: 401 OAuth access token is invalid."),
    Text(
        19,
        'Error: Failed to load usage data: {"type":"error","error":{"type":"permission_error","message":'
        '"OAuth token does not meet scope requirement user:profile","details":{"error_visibility":'
        '"user_facing"}},"request_id":"req_011CVABC"}',
    ),
    Text(19, "OAuth token does not meet scope requirement any_of(user:profile, user:office)"),
    Text(20, "Remote Control requires a full-scope login token."),
    Text(
        20,
        "Claude Code web sessions require authentication with a Claude.ai account. API key authentication is "
        "not sufficient. Please run /login to authenticate, or check your authentication status with "
        "/status.",
    ),
    Text(
        20,
        "claude.ai connectors are disabled because ANTHROPIC_API_KEY or another auth source is set and takes "
        "precedence over your claude.ai login",
    ),
    Text(21, "OAuth token has expired. Please run /login"),
)

KEYS = (
    Text(23, "Opus 4.5 · API Usage Billing"),
    Text(25, "Credit balance is too low"),
    Text(25, "Credit balance too low · Add funds: https://platform.claude.com/settings/billing"),
    Text(
        25,
        api(
            400,
            "invalid_request_error",
            "Your credit balance is too low to access the Anthropic API. Please go to Plans & Billing to "
            "upgrade or purchase credits.",
            head="",
        ),
    ),
    Text(26, "API Error: 400 Your credit balance is too low to access the Anthropic API."),
    Text(27, "API Error: 401 Invalid bearer token"),
    Text(
        28,
        "⚠ Auth conflict: Both a token (claude.ai) and an API key (ANTHROPIC_API_KEY) are set. This may lead "
        "to unexpected behavior.\n  Trying to use claude.ai? Unset the ANTHROPIC_API_KEY environment "
        "variable, "
        'or claude /logout then say "No" to the API key approval before login.\n  Trying to use '
        "ANTHROPIC_API_KEY? claude /logout to sign out of claude.ai.",
    ),
    Text(28, "Both a token (ANTHROPIC_AUTH_TOKEN) and an API key (/login managed key) are set."),
    Text(28, "Both a token (CLAUDE_CODE_OAUTH_TOKEN) and an API key (apiKeyHelper) are set."),
    Text(
        28,
        "Auth conflict: Using ANTHROPIC_API_KEY instead of Anthropic Console key. Either unset "
        "ANTHROPIC_API_KEY, or run claude /logout",
    ),
    Text(29, 'API Error: 401 {"error":{"type":"authentication_error","message":"Invalid bearer token"}}'),
    Text(30, "Both a token (ANTHROPIC_AUTH_TOKEN) and an API key (/login managed key) are set."),
    Text(31, "Not logged in · Please run /login"),
    Text(31, "Invalid API key · Please run /login"),
    Text(
        31,
        "Detected a custom API key in your environment\n\nANTHROPIC_API_KEY: "
        "sk-ant-...aB3dE6gH9jK2mN5pQ8sT\n\n"
        "Do you want to use this API key?\n  1. Yes\n> 2. No (recommended)",
    ),
    Text(32, "Do you want to use this API key?\n  1. Yes\n> 2. No (recommended)"),
    Text(33, "Invalid API key · Fix external API key"),
    Text(33, '401 {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'),
    Text(34, "Missing API key · Run /login"),
    Text(
        34,
        "Error: Could not resolve authentication method. Expected either apiKey or authToken to be set. Or "
        'for one of the "X-Api-Key" or "Authorization" headers to be explicitly omitted',
    ),
    Text(34, "Failed to get auth headers: No API key available"),
    Text(34, "x-api-key header is required"),
    Text(
        35,
        "h11._util.LocalProtocolError: Illegal header value b'Bearer '\n\nThe above exception was the direct "
        "cause of the following exception:\n\nanthropic.APIConnectionError: Connection error.",
    ),
    Text(36, r"httpcore.LocalProtocolError: Illegal header value b'Bearer sk-ant-api03-AbCd3fGh1jKl\r\n'"),
    Text(36, "LocalProtocolError: Illegal header value b'Bearer sk-…\\r\\n'"),
    Text(37, '401 {"type":"error","error":{"type":"authentication_error","message":"invalid x-api-key"}}'),
    Text(37, 'Incorrect API key provided: "sk-ant-api03-AbCd3fGh1jKl".'),
    Text(38, "Select login method:\n> 1. Claude account with subscription\n  2. Anthropic Console account"),
    Text(
        39,
        "Error getting API key from apiKeyHelper (in settings or ~/.claude.json): apiKeyHelper did not "
        "return "
        "a valid value",
    ),
    Text(
        39,
        "Your apiKeyHelper script is failing · This usually means you need to re-authenticate with your "
        "provider · Run /status to see the script's error output",
    ),
    Text(41, "Invalid API key · Fix external API key"),
    Text(
        42,
        "This machine's managed settings require a first-party login, but a non-OAuth authentication method "
        "is active (third-party provider, API key, auth token, or apiKeyHelper). Remove the non-OAuth "
        "configuration and run: claude auth login",
    ),
    Text(
        43,
        "Can't access this organization — You don't have access to this organization or it doesn't meet the "
        "requirements for Claude Code.",
    ),
)

STORES = (
    Text(44, "security: SecItemCopyMatching: User interaction is not allowed."),
    Text(44, "Missing API key · Run /login"),
    Text(44, "keychain error: errSecInteractionNotAllowed (-25308)"),
    Text(45, "Login successful\nNot logged in · Please run /login"),
    Text(45, '{\n  "loggedIn": false,\n  "authMethod": "none"\n}'),
    Text(46, "macOS Keychain is not writable. Console login will fail to save your API key."),
    Text(
        46,
        "security: SecKeychainItemCreateFromContent (<default>): The specified item already exists in the "
        "keychain.\nadd-generic-password: returned -25299",
    ),
    Text(49, '{"loggedIn": false, "authMethod": "none", "apiProvider": "firstParty"}'),
    Text(49, "Not logged in · Please run /login"),
    Text(50, "Not logged in · Please run /login"),
    Text(51, "security: SecKeychainSearchCopyNext: The specified item could not be found in the keychain."),
    Text(51, "Session expired. Run claude to log in again."),
    Text(54, "Error: EACCES: permission denied, open '/home/claude/.claude.json'"),
    Text(54, "Error: EACCES: permission denied, open '/home/node/.claude/.claude.json'"),
    Text(
        55,
        "EACCES: permission denied, open "
        "'/nix/store/abcdefghijklmnop-home-manager-files/.claude/settings.json'",
    ),
    Text(
        57,
        "Claude configuration file at /Users/x/.claude.json is corrupted: Unexpected end of JSON input\n\n"
        "The corrupted file has been backed up to: ~/.claude.json.corrupted.1755000000000\nA backup file "
        "exists at: /Users/x/.claude.json.backup\nYou can manually restore it by running: cp ...",
    ),
    Text(
        57,
        "Claude configuration file at /Users/x/.claude.json is corrupted: JSON Parse error: Unable to parse "
        "JSON string",
    ),
    Text(57, "The corrupted file has been backed up to: ~/.claude.json.corrupted.1755000000000"),
    Text(57, "A backup file exists at: /home/ada/.claude.json.backup"),
    Text(
        57,
        "Configuration Error\n\nThe configuration file at /home/ada/.claude.json contains invalid JSON.\n\n"
        "Choose an option:\n> 1. Exit and fix manually\n  2. Reset with default configuration",
    ),
    Text(58, "ENOSPC: no space left on device, write '/home/ada/.claude.json'"),
    Text(59, "EPERM: operation not permitted, open '/Users/x/.claude.json.tmp.4711.1755000000000'"),
    Text(112, "Invalid Settings\n\n /home/ada/.claude/settings.json\n  └ Invalid or malformed JSON"),
    Text(112, "JSON Parse error: Unrecognized token '\ufeff'"),
    Text(112, "JSON Parse error: Unrecognized token ''"),
    Text(113, "Invalid or malformed JSON"),
    Text(113, "The configuration file at /home/ada/.claude/settings.json contains invalid JSON."),
    Text(
        114,
        "Anthropic workload identity federation failed. The token endpoint returned HTTP 400: error: "
        "invalid_request_error - federation_rule_id is not a well-formed fdrl_ tagged ID.",
    ),
    Text(114, "Missing Anthropic API Key - A call is being made to anthropic but no key is set"),
    Text(114, "x-api-key header is required"),
    Text(115, "Not logged in · Please run /login"),
)

SIGN_IN = (
    Text(61, "ERR_CONNECTION_REFUSED"),
    Text(61, "This site can't be reached. localhost refused to connect."),
    Text(63, "OAuth error: Failed to start OAuth callback server: Failed to start server. Is port 0 in use?"),
    Text(
        63,
        "OAuth error: Failed to start OAuth callback server: listen EPROTONOSUPPORT: protocol not "
        "supported ::1",
    ),
    Text(65, "OAuth error: ECONNREFUSED"),
    Text(65, "Was there a typo in the url or port?"),
    Text(66, "Invalid OAuth Request\nUnknown scope: us"),
    Text(66, "Unknown scope: us"),
    Text(66, "Unknown scope: use"),
    Text(66, "Unknown scope: org:create_"),
    Text(66, "Missing redirect_uri parameter"),
    Text(66, "Missing code_challenge parameter"),
    Text(66, "Missing scope parameter"),
    Text(66, "missing state parameter"),
    Text(66, "Invalid code_challenge_method: missing"),
    Text(66, "Redirect URI https://platform.claude.com/oauth/code% 2Fcallback is not supported by client."),
    Text(68, "OAuth error: Invalid code. Please make sure the full code was copied"),
    Text(69, "OAuth error: Request failed with status code 400"),
    Text(70, "OAuth error: Request failed with status code 500"),
    Text(70, "OAuth Request Failed\n\nInternal server error"),
    Text(70, "Authorization failed\n\nInternal server error"),
    Text(70, "Failed to fetch user roles: Request failed with status code 500"),
    Text(70, '{"type":"error","error":{"type":"api_error","message":"Internal server error"}}'),
    Text(71, "OAuth error: timeout of 15000ms exceeded"),
    Text(71, "Login failed: Timeout of 15000 milliseconds exceeded"),
    Text(72, "Paste code here if prompted >"),
    Text(73, "Unknown scope: user:mcp_servers"),
    Text(73, "Missing code_challenge parameter"),
    Text(73, "Redirect URI not supported by the Claude authorization server"),
    Text(
        74, "Claude Code would like to connect to your Anthropic organization Ada's Individual Organization"
    ),
    Text(76, "OAuth error: Cannot read properties of undefined (reading 'organization_type')"),
)

ACCOUNT = (
    Text(77, api(400, "invalid_request_error", "This organization has been disabled.")),
    Text(
        78,
        "Your organization has disabled Claude subscription access for Claude Code · Use an Anthropic API "
        "key "
        "instead, or ask your admin to enable access",
    ),
    Text(78, '403 {"error":{"type":"permission_error","code":"oauth_org_not_allowed"}}'),
    Text(
        79,
        "Claude Max or Pro is required to connect to Claude Code. Sign up for a Max or Pro subscription to "
        "connect your account, or use your API key.",
    ),
    Text(79, "You need Claude Max or Pro to connect to Claude Code"),
    Text(80, "Sonnet 4.5 · API Usage Billing"),
    Text(80, '"oauthAccount": null, "hasAvailableSubscription": false'),
    Text(81, 'API Error: 403 {"error":{"type":"forbidden","message":"Request not allowed"}}'),
    Text(81, "OAuth error: Request failed with status code 403"),
    Text(
        81,
        "Unable to connect to Anthropic services\n\nFailed to connect to api.anthropic.com: Request failed "
        "with status code 403",
    ),
    Text(82, "There's an issue with the selected model (claude-opus-9). It may not exist"),
    Text(82, "Claude Opus is not available with the Claude Pro plan"),
    Text(82, "Usage credits required for 1M context"),
    Text(
        82,
        '429 {"type":"error","error":{"type":"rate_limit_error","message":"Extra usage is required for long '
        'context requests."}}',
    ),
    Text(
        83,
        "Unable to connect to API: Self-signed certificate detected. Check your proxy or corporate SSL "
        "certificates",
    ),
    Text(83, "Failed to connect to api.anthropic.com: SELF_SIGNED_CERT_IN_CHAIN"),
    Text(83, "unable to get local issuer certificate"),
    Text(
        85,
        "API Error: 401 <html><head><title>502 Bad Gateway</title></head><body>…</body></html> · Please run "
        "/login",
    ),
    Text(85, "403 <html>\r\n<head><title>403 Forbidden</title></head>\r\n<center>nginx</center>"),
    Text(85, '524 <!DOCTYPE html>\n<!--[if lt IE 7]> <html class="no-js ie6 oldie" lang="en-US">'),
    Text(
        86,
        "SignatureDoesNotMatch: Signature expired: 20210512T052235Z is now earlier than 20210512T140004Z "
        "(20210512T141504Z - 15 min.)",
    ),
    Text(87, "Invalid API key · Please run /login"),
    Text(88, '{"detail":"Invalid API key"}'),
    Text(88, "x-api-key header is required"),
    Text(89, "Invalid API key · Fix external API key"),
    Text(90, "ENOTFOUND"),
    Text(90, "ECONNREFUSED"),
    Text(90, "(ada-res.services.ai.azure.com) remote name could not be resolved"),
    Text(91, "Invalid API key · Please run /login"),
    Text(91, "Error: Claude Code process exited with code 1"),
    Text(92, "Claude execution failed: result is_error:true"),
    Text(
        92,
        '{"type": "result", "subtype": "success", "is_error": true, "duration_ms": 401, "num_turns": 1, '
        '"total_cost_usd": 0}',
    ),
)

CLOUD = (
    Text(
        94,
        "API Error: The SSO session associated with this profile has expired. To refresh this SSO session "
        "run "
        "aws sso login with the corresponding profile.",
    ),
    Text(94, "An error occurred (InvalidGrantException) when calling the CreateToken operation"),
    Text(95, "403 The security token included in the request is expired"),
    Text(96, "API Error: 403 The security token included in the request is invalid."),
    Text(97, "Could not load credentials from any providers"),
    Text(
        98,
        "AWS region setting is missing. Pass it using the 'region' parameter or the AWS_REGION environment "
        "variable.",
    ),
    Text(
        99,
        '403 {"Message":"User: arn:aws:iam::123456789012:user/ada is not authorized to perform: '
        'bedrock:InvokeModelWithResponseStream on resource: arn:aws:bedrock:eu-west-1::foundation-model/x"}',
    ),
    Text(99, "… with an explicit deny in an identity-based policy"),
    Text(100, "403 You don't have access to the model with the specified model ID."),
    Text(
        100,
        "400 Invocation of model ID anthropic.claude-3-7-sonnet-20250219-v1:0 with on-demand throughput "
        "isn't supported. Retry your request with the ID or ARN of an inference profile that contains this "
        "model.",
    ),
    Text(101, '403 {"Message":"Authorization header is missing"}'),
    Text(
        101,
        '403 {"Message":"Invalid API Key format: Must start with pre-defined prefix"} · Please run /login',
    ),
    Text(101, "API Key was rejected"),
    Text(102, "SyntaxError: Unexpected token 'A', \"Attempting\"... is not valid JSON"),
    Text(103, "http://127.0.0.1:34535/oauth/callback"),
    Text(104, "Could not resolve authentication method. Expected either apiKey or authToken to be set."),
    Text(104, "Claude Code exited before logging in"),
    Text(104, "AADSTS70043: The refresh token has expired or is invalid due to sign-in frequency checks"),
    Text(104, "ExpiredAuthenticationToken"),
    Text(
        105,
        "Could not load the default credentials. Browse to "
        "https://cloud.google.com/docs/authentication/getting-started for more information.",
    ),
    Text(105, "google.auth.exceptions.DefaultCredentialsError: Your default credentials were not found."),
    Text(
        106,
        '400 - {"error":"invalid_grant","error_description":"reauth related error (invalid_rapt)",'
        '"error_uri":"https://support.google.com/a/answer/9368756","error_subtype":"invalid_rapt"}',
    ),
    Text(106, "rapt_required"),
    Text(
        109,
        "Your application is authenticating by using local Application Default Credentials. The "
        "aiplatform.googleapis.com API requires a quota project, which is not set by default.",
    ),
    Text(109, "403 Vertex AI API has not been used in project 123456 before or it is disabled."),
    Text(109, '"reason": "SERVICE_DISABLED", "domain": "googleapis.com"'),
    Text(
        110,
        "API Error: No region was given. The client should be instantiated with the 'region' option or the "
        "'CLOUD_ML_REGION' environment variable should be set.",
    ),
    Text(
        111,
        "403 Permission 'aiplatform.endpoints.predict' denied on resource "
        "'//aiplatform.googleapis.com/projects/p/locations/us-east5' (or it may not exist).",
    ),
    Text(
        111,
        "404 Publisher Model `projects/p/locations/us-east5/publishers/anthropic/models/claude-opus-4` was "
        "not found or your project does not have access to it",
    ),
)

NEWER = (
    Text(116, "Cloud gateway session expired — run /login to reconnect."),
    Text(116, "Not signed in to the Cloud gateway — run /login."),
    Text(117, "this session uses an API key, which a gateway machine does not accept."),
    Text(118, "Gateway refused the request · signing in again won't change this · API Error: 403 denied"),
    Text(118, "Could not resolve gateway host gw.corp.example."),
    Text(119, "The gateway could not authenticate with its upstream provider"),
    Text(119, "Unexpected value(s) `oauth-2025-04-20` for the `anthropic-beta` header."),
    Text(120, "Your account is on hold and can't sign in to Claude Code."),
    Text(121, "usually because a payment is past due · Pay or renew"),
    Text(122, "Your organization has disabled API key authentication · Unset ANTHROPIC_API_KEY"),
    Text(123, "Failed to authenticate: Anthropic profile login expired"),
    Text(
        123, "Token exchange failed with status 401\nEnsure your federation rule matches your identity token."
    ),
    Text(124, "oauth authorize rejected with session_stale_relogin"),
    Text(125, "API Error: Could not load AWS credentials · AWS default-chain credential resolve timed out."),
    Text(126, 'MCP server "linear" needs you to sign in again'),
    Text(126, "SDK auth failed: HTTP 404: Invalid OAuth error response: SyntaxError"),
    Text(126, 'MCP server "x" rejected the credential from its headersHelper'),
    Text(127, "App token exchange failed: 401 Unauthorized - Invalid OIDC token"),
    Text(128, "requires Trusted Devices for Remote Control, but this device is not enrolled."),
    Text(129, "Failed to authenticate: OAuth session expired and could not be refreshed"),
    Text(130, "Couldn't save your login. If your Mac's keychain is locked, unlock it and log in again."),
    Text(131, "Could not save the refreshed claude.ai credentials (secure storage was unavailable)"),
    Text(132, "Login blocked: this machine's managed settings policy could not be satisfied or verified."),
    Text(133, "Voice mode needs a Claude.ai account. Run /login to sign in."),
    Text(134, "Invalid ANTHROPIC_CUSTOM_HEADERS · Fix the environment variable"),
)

TEXTS: tuple[Text, ...] = (*LOGIN, *KEYS, *STORES, *SIGN_IN, *ACCOUNT, *CLOUD, *NEWER)

#: The short forms by which people search; the numbers of the entries that they may stand for.
SHORT: tuple[tuple[str, tuple[int, ...]], ...] = (
    ("oauth authentication is currently not supported", (1,)),
    ("only authorized for use with claude code", (2,)),
    ("third-party apps now draw from", (3,)),
    ("oauth token has expired", (4, 13, 21)),
    ("oauth access token has expired", (4,)),
    ("login expired", (4,)),
    ("oauth token has been revoked", (6, 7)),
    ("oauth token revoked", (6, 7)),
    ("invalid bearer token", (8, 18, 29)),
    ("oauth access token is invalid", (18, 92)),
    ("invalid authentication credentials", (9, 10, 44)),
    ("does not meet scope requirement", (19,)),
    ("full-scope login token", (20,)),
    ("requires authentication with a claude.ai account", (20,)),
    ("connectors are disabled because", (20,)),
    ("account_session_invalid", (17,)),
    ("auth conflict", (28,)),
    ("credit balance is too low", (25, 26)),
    ("fix external api key", (33, 36, 37, 89)),
    ("invalid x-api-key", (33, 36, 37, 89)),
    ("missing api key", (34,)),
    ("could not resolve authentication method", (34,)),
    ("illegal header value b'Bearer '", (35,)),
    ("apikeyhelper did not return a valid value", (39,)),
    ("managed settings require a first-party login", (42,)),
    ("can't access this organization", (43, 74)),
    ("not logged in", (31, 34, 38, 44, 45, 49, 50, 51, 52, 53, 54, 55, 115)),
    ("user interaction is not allowed", (44,)),
    ("-25308", (44,)),
    ("keychain is not writable", (46,)),
    ("secKeychainSearchCopyNext", (51,)),
    ("contains invalid json", (113, 57, 112)),
    ("unexpected end of json input", (57, 58)),
    ("invalid settings", (112, 113)),
    ("err_connection_refused", (61, 62, 65)),
    ("localhost refused to connect", (61, 62, 65)),
    ("failed to start oauth callback server", (63,)),
    ("missing redirect_uri parameter", (66, 73)),
    ("missing code_challenge parameter", (66, 73)),
    ("missing state parameter", (66, 73)),
    ("invalid code. please make sure the full code was copied", (68,)),
    ("oauth error: request failed with status code 400", (69,)),
    ("oauth error: request failed with status code 403", (81,)),
    ("request not allowed", (81,)),
    ("oauth error: request failed with status code 500", (70,)),
    ("oauth request failed", (70,)),
    ("timeout of 15000", (71,)),
    ("this organization has been disabled", (77,)),
    ("has disabled claude subscription access", (78,)),
    ("oauth_org_not_allowed", (78,)),
    ("claude max or pro is required", (79,)),
    ("self-signed certificate detected", (83, 84)),
    ("self_signed_cert_in_chain", (83, 84)),
    ("unable to get local issuer certificate", (83, 84)),
    ("signature expired: 20210512T052235Z is now earlier than 20210512T140004Z", (86,)),
    ("signaturedoesnotmatch", (86,)),
    ("requestexpired", (86,)),
    ("sso session associated with this profile has expired", (94,)),
    ("security token included in the request is expired", (95,)),
    ("security token included in the request is invalid", (96,)),
    ("could not load credentials from any providers", (97,)),
    ("aws region setting is missing", (98,)),
    ("not authorized to perform: bedrock", (99,)),
    ("on-demand throughput isn't supported", (100,)),
    ("don't have access to the model with the specified model id", (100,)),
    ("authorization header is missing", (101,)),
    ("must start with pre-defined prefix", (101,)),
    ("api key was rejected", (101,)),
    ("could not load the default credentials", (105,)),
    ("default credentials were not found", (105,)),
    ("invalid_rapt", (106,)),
    ("rapt_required", (106,)),
    ("requires a quota project", (109,)),
    ("service_disabled", (109,)),
    ("no region was given", (110,)),
    ("aiplatform.endpoints.predict denied", (111,)),
    ("publisher model x was not found", (111,)),
)

#: What the real client 2.1.328 printed on laid-out machines, and the cause that it is about.
SEEN: tuple[tuple[str, str], ...] = (
    (
        "API Error: Could not load AWS credentials · Could not load credentials from any providers. Check or "
        "refresh your AWS credentials and try again.",
        "aws-no-credentials",
    ),
    (
        "Invalid API key · Fix external API key · Invalid X-Api-Key header value from ANTHROPIC_API_KEY: it "
        "contains a line break at character 7 (10 characters on 2 lines).",
        "key-with-stray-characters",
    ),
    (
        "Invalid auth token · Fix external auth token · Invalid Authorization header value from "
        "ANTHROPIC_AUTH_TOKEN: it contains a zero-width character (U+200B) at character 1 (5 characters).",
        "key-with-stray-characters",
    ),
    (
        "Invalid API key · Fix external API key · Invalid X-Api-Key header value from ANTHROPIC_API_KEY: it "
        "contains a typographic quote (U+201C) at character 1 (5 characters).",
        "key-with-quotes",
    ),
    ("API Error: Header '14' has invalid value: 'Bearer  TOK '", "key-with-stray-characters"),
    ("API Error: Header 'Authorization' has invalid value", "key-with-stray-characters"),
    ("apiKeyHelper failed: exited 127: /bin/sh: 1: /nonexistent/helper: not found", "helper-fails"),
    (
        "apiKeyHelper failed: returned output that cannot be used as an API key: it contains a line break at "
        "character 4 (11 characters on 2 lines). The script must print only the key to stdout.",
        "helper-fails",
    ),
    (
        "API Error: Could not load Google Cloud credentials · Could not load the default credentials. Browse "
        "to https://cloud.google.com/docs/authentication/getting-started for more information.",
        "adc-missing",
    ),
    (
        "API Error: Could not load Google Cloud credentials · The file at /nonexistent/x.json does not "
        "exist, "
        "or it is not a file. ENOENT: no such file or directory, lstat '/nonexistent/x.json'.",
        "adc-file-invalid",
    ),
    (
        "API Error: Could not load Azure credentials · Failed to get token from azureADTokenProvider: "
        "ChainedTokenCredential authentication failed.",
        "foundry-settings",
    ),
    ("API Error: baseURL and resource are mutually exclusive", "foundry-settings"),
    (
        "API Error: Must provide one of the `baseURL` or `resource` arguments, or the "
        "`ANTHROPIC_FOUNDRY_RESOURCE` environment variable",
        "foundry-settings",
    ),
    (
        "API Error: No projectId was given and it could not be resolved from credentials.",
        "vertex-project-or-region-missing",
    ),
    (
        "This machine's managed settings require a first-party login: they require a claude.ai or Console "
        "sign-in (forceLoginMethod), and this session is configured with an API key from ANTHROPIC_API_KEY, "
        "which cannot be checked against that policy.",
        "login-method-forced",
    ),
    (
        "Unable to verify organization for the current authentication token.\nThis machine requires "
        "organization 11111111-1111-4111-8111-111111111111 but the token could not be validated.",
        "organisation-forced",
    ),
    (
        "Your authentication token belongs to organization 22222222-2222-4222-8222-222222222222,\nbut this "
        "machine requires organization 11111111-1111-4111-8111-111111111111.",
        "organisation-forced",
    ),
    (
        "These settings files did not load, so nothing in them is in effect, including hooks and permission "
        "rules. Each loads again once the problem listed for it is fixed:\n  "
        "/home/ada/.claude/settings.json: "
        "Invalid or malformed JSON",
        "json-not-strict",
    ),
    (
        "Claude Code could not start: r.scopes?.includes is not a function. (In 'r.scopes?.includes(IR)', "
        "'r.scopes?.includes' is undefined)",
        "scopes-damaged",
    ),
    (
        "Error getting AWS credentials from awsCredentialExport (in settings or ~/.claude.json): "
        'JSON Parse error: Unexpected identifier "hello"',
        "cloud-refresh-command-fails",
    ),
    (
        "Warning: this sign-in may have ended between 2026-11-17 and 2026-11-20. If requests are refused, "
        "run "
        "claude auth login, or use claude setup-token for unattended jobs.",
        "login-deadline-passed",
    ),
    (
        "API Error: oidc_federation config requires an identity token (set authentication.identity_token, "
        "ANTHROPIC_IDENTITY_TOKEN_FILE, or ANTHROPIC_IDENTITY_TOKEN)",
        "profile-not-picked-up",
    ),
    ("API Error: Unable to connect to API: SSL certificate hostname mismatch", "tls-interception"),
    ("API Error: Invalid URL", "base-url-unreachable"),
)


#: Other clients, SDKs and tools, in the clothes in which their words arrive: the first cause.
CLOTHED: tuple[tuple[str, str], ...] = (
    (
        'TypeError: Headers.append: "Bearer sk-ant-oat01-abc\n'
        'def" is an invalid header value.\n'
        "    at webidl.errors.exception (node:internal/deps/undici/undici:3563:14) claude",
        "key-with-stray-characters",
    ),
    (
        "RuntimeError: could not resolve credentials from session (anthropic.lib.bedrock)",
        "aws-no-credentials",
    ),
    (
        "AxiosError: Request failed with status code 400\n"
        "  url: 'https://platform.claude.com/v1/oauth/token', data: { error: 'invalid_grant', "
        "error_description: 'Invalid authorization code' }",
        "code-reused-or-expired",
    ),
    (
        '403 {"Message":"Bearer Token has expired"} bedrock-runtime.us-east-1.amazonaws.com',
        "bedrock-key-refused",
    ),
    (
        "pydantic_core._pydantic_core.ValidationError: 1 validation error for ChatAnthropic\n"
        "  Value error, Did not find anthropic_api_key, please add an environment variable `AN"
        "THROPIC_API_KEY` which contains it",
        "no-credential",
    ),
    (
        "LoadAPIKeyError [AI_LoadAPIKeyError]: Anthropic API key is missing. Pass it using the"
        " 'apiKey' parameter or the ANTHROPIC_API_KEY environment variable.",
        "no-credential",
    ),
    (
        "operation error Bedrock Runtime: InvokeModelWithResponseStream, get identity: get cre"
        "dentials: failed to refresh cached credentials, no EC2 IMDS role found",
        "aws-no-credentials",
    ),
    ("botocore.exceptions.NoRegionError: You must specify a region. bedrock-runtime", "aws-region-missing"),
    (
        "404 Model use case details have not been submitted for this account. Fill out the Ant"
        "hropic use case details form before using the model.",
        "aws-model-access",
    ),
    (
        "400 FAILED_PRECONDITION: Project `123` is not allowed to use Publisher Model `project"
        "s/p/locations/us-east5/publishers/anthropic/models/claude-sonnet-4`",
        "vertex-not-authorised",
    ),
    (
        "ERROR: (gcloud.auth.application-default.print-access-token) There was a problem refre"
        "shing your current auth tokens: Reauthentication failed. cannot prompt during non-int"
        "eractive execution.",
        "adc-reauth",
    ),
    (
        "API Error: Connection error. cause: Error: read ECONNRESET https://api.anthropic.com",
        "base-url-unreachable",
    ),
    (
        "httpx.ConnectError: [Errno -3] Temporary failure in name resolution\n"
        "anthropic.APIConnectionError: Connection error.",
        "base-url-unreachable",
    ),
    (
        "curl: (28) Failed to connect to platform.claude.com port 443 after 130000 ms: Connection timed out",
        "base-url-unreachable",
    ),
    ("API Error: Unable to connect to API: certificate has expired (CERT_HAS_EXPIRED)", "clock-wrong"),
    (
        "FetchError: request to https://api.anthropic.com failed, reason: certificate is not y"
        "et valid CERT_NOT_YET_VALID",
        "clock-wrong",
    ),
    (
        "Unable to connect\n"
        "Firefox can\u2019t establish a connection to the server at localhost:54545.\n"
        "http://localhost:54545/callback?code=x&state=y",
        "callback-unreachable",
    ),
    (
        "OAuth error: Failed to start OAuth callback server: listen EADDRINUSE: address alread"
        "y in use 127.0.0.1:54545",
        "callback-port-taken",
    ),
    (
        "*   Trying 160.79.104.10:443...\n"
        "* Connected to api.anthropic.com (160.79.104.10) port 443\n"
        "* ALPN: curl offers h2,http/1.1\n"
        "> POST /v1/messages HTTP/2\n"
        "> Host: api.anthropic.com\n"
        "> authorization: Bearer sk-ant-oat01-XXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXXX\n"
        "> anthropic-version: 2023-06-01\n"
        ">\n"
        "< HTTP/2 401\n"
        "< date: Fri, 20 Nov 2026 14:00:00 GMT\n"
        "< content-type: application/json\n"
        "< x-should-retry: false\n"
        "< request-id: req_011CTabcd\n"
        "< server: cloudflare\n"
        "<\n"
        "* Connection #0 to host api.anthropic.com left intact\n"
        '{"type":"error","error":{"type":"authentication_error","message":"OAuth authenticatio'
        'n is currently not supported."},"request_id":"req_011CTabcd"}',
        "oauth-not-supported",
    ),
    (
        'worker-1  | 2026-11-20T10:02:11.123Z [ERROR] agent: API Error: 401 {"type":"error","e'
        'rror":{"type":"authentication_error","message":"OAuth token has expired. Please obtai'
        "n a new token or refresh\n"
        'worker-1  | your existing token."},"request_id":"req_1"}',
        "access-token-expired",
    ),
    (
        '{"stream": "stderr", "kubernetes": {"pod": "x"}, "log": "{\\"level\\": \\"error\\", \\"msg\\": '
        '\\"{\\\\\\"type\\\\\\": \\\\\\"permission_error\\\\\\", \\\\\\"message\\\\\\": '
        '\\\\\\"OAuth token has been revoked. Please obtain a new token.\\\\\\"}\\"}"}',
        "token-revoked",
    ),
    (
        "com.anthropic.errors.UnauthorizedException: 401: AnthropicError{additionalProperties="
        "{type=error, error={type=authentication_error, message=invalid x-api-key}}}",
        "external-key-invalid",
    ),
    (
        'Anthropic::Errors::AuthenticationError: {url: "https://api.anthropic.com/v1/messages"'
        ', status: 401, body: {type: "error", error: {type: "authentication_error", message: "'
        'invalid x-api-key"}}}',
        "external-key-invalid",
    ),
    (
        'POST "https://api.anthropic.com/v1/messages": 401 Unauthorized {"type":"error","error'
        '":{"type":"authentication_error","message":"OAuth authentication is currently not sup'
        'ported."},"request_id":"req_1"}',
        "oauth-not-supported",
    ),
    (
        "API Error: Token is expired. To refresh this SSO session run 'aws sso login' with the"
        " corresponding profile. (CredentialsProviderError)",
        "aws-sso-expired",
    ),
)
