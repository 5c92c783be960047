"""Logs that have nothing to do with Claude's credentials, many of them with errors that look alike."""

from __future__ import annotations

ORDINARY: dict[str, str] = {
    "web-access": '203.0.113.9 - - [20/Nov/2026:12:03:04 +0000] "GET /admin HTTP/1.1" 401 381 "-" '
    '"curl/8.5"\n'
    '203.0.113.9 - - [20/Nov/2026:12:03:05 +0000] "POST /login HTTP/1.1" 403 12 "-" "curl/8.5"',
    "postgres": 'psycopg2.OperationalError: connection to server at "10.0.0.4", port 5432 failed: FATAL:  '
    'password authentication failed for user "app"',
    "postgres-refused": "Error: connect ECONNREFUSED 127.0.0.1:5432\n    at TCPConnectWrap.afterConnect",
    "redis": "redis.exceptions.ConnectionError: Error 111 connecting to localhost:6379. Connection refused.",
    "ssh": "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote repository.",
    "npm-tls": "npm ERR! code SELF_SIGNED_CERT_IN_CHAIN\nnpm ERR! errno SELF_SIGNED_CERT_IN_CHAIN\nnpm ERR! "
    "request to https://npmjs.mirror.example/left-pad failed, reason: self-signed certificate in certificate "
    "chain",
    "pip-tls": "Could not fetch URL https://pypi.mirror.example/simple/textual/: There was a problem "
    "confirming the ssl certificate: [SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to "
    "get local issuer certificate (_ssl.c:1006) - skipping",
    "curl-tls": "curl: (60) SSL certificate problem: unable to get local issuer certificate\nMore details "
    "here: https://curl.se/docs/sslcerts.html",
    "npm-eacces": "npm ERR! code EACCES\nnpm ERR! Error: EACCES: permission denied, mkdir "
    "'/usr/local/lib/node_modules'",
    "file-eacces": "Error: EACCES: permission denied, open '/var/log/app/server.log'",
    "disk": "OSError: [Errno 28] No space left on device: '/var/lib/app/cache.db'",
    "json": "SyntaxError: Unexpected end of JSON input\n    at JSON.parse (<anonymous>)\n    at "
    "/srv/app/config.js:12:19",
    "html-as-json": "SyntaxError: Unexpected token '<', \"<!DOCTYPE \"... is not valid JSON\n    at "
    "fetchUsers (/srv/app/users.js:4:2)",
    "jwt": '{"level":"warn","msg":"jwt expired","status":401,"path":"/api/orders"}',
    "openai": "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key "
    "provided: "
    "sk-proj-abcd. You can find your API key at https://platform.openai.com/account/api-keys.', 'type': "
    "'invalid_request_error', 'code': 'invalid_api_key'}}",
    "own-api": '2026-11-20T12:03:04Z WARN  http 401 {"error":"Authorization header is missing"} '
    "path=/v2/items",
    "kong": 'HTTP/1.1 401 Unauthorized\n{"message":"Invalid authentication credentials"}',
    "google-oauth": "google.auth.exceptions.RefreshError: ('invalid_grant: Bad Request', {'error': "
    "'invalid_grant', 'error_description': 'Bad Request'})",
    "github-api": '{"message":"Bad '
    'credentials","documentation_url":"https://docs.github.com/rest","status":"401"}',
    "docker": "Error response from daemon: pull access denied for acme/app, repository does not exist or may "
    "require 'docker login': denied: requested access to the resource is denied",
    "kubernetes": "E1120 12:03:04.123456 4711 memcache.go:265] couldn't get current server API group list: "
    "the "
    "server has asked for the client to provide credentials\nerror: You must be logged in to the server "
    "(Unauthorized)",
    "s3-denied": "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the "
    "GetObject "
    "operation: User: arn:aws:iam::123456789012:user/ci is not authorized to perform: s3:GetObject on "
    "resource: "
    '"arn:aws:s3:::bucket/key" with an explicit deny in an identity-based policy',
    "s3-signature": "S3 upload failed: SignatureDoesNotMatch: The request signature we calculated does not "
    "match the signature you provided. Check your key and signing method.",
    "selenium": "selenium.common.exceptions.WebDriverException: Message: unknown error: "
    "net::ERR_CONNECTION_REFUSED at http://localhost:3000/users",
    "axios": "AxiosError: timeout of 5000ms exceeded\n    at RedirectableRequest.handleRequestTimeout",
    "dns": "Error: getaddrinfo ENOTFOUND db.internal.example\n    at GetAddrInfoReqWrap.onlookup",
    "port": "Error: listen EADDRINUSE: address already in use :::3000",
    "rate-limit": '429 Too Many Requests {"message":"API rate limit exceeded for user ID 1."}',
    "nginx": "2026/11/20 12:03:04 [error] 31#31: *1 upstream prematurely closed connection while reading "
    "response "
    'header from upstream, client: 10.0.0.1, server: shop.example, request: "GET / HTTP/1.1"',
    "systemd": "Nov 20 12:03:04 host systemd[1]: backup.service: Main process exited, code=exited, "
    "status=1/FAILURE",
    "python": 'Traceback (most recent call last):\n  File "app.py", line 3, in <module>\n    main()\n'
    "KeyError: 'token'",
    "ldap": "LDAPException: 80090308: LdapErr: DSID-0C09044E, comment: AcceptSecurityContext error, data "
    "52e, "
    "invalid credentials",
    "smtp": "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Username and Password not accepted.')",
    "terraform": "Error: Invalid provider configuration\n\nProvider requires explicit configuration: region",
    "unknown-scope": "error[E0425]: unknown scope: outer block ends here",
    "oauth-other": "Spotify: The access token expired (status 401). Refreshing.",
    "git-login": "remote: HTTP Basic: Access denied\nfatal: Authentication failed for "
    "'https://gitlab.example/a.git/'",
    "claude-overloaded": 'API Error: 529 {"type":"error","error":{"type":"overloaded_error","message":'
    '"Overloaded"}}',
    "claude-too-long": 'API Error: 400 {"type":"error","error":{"type":"invalid_request_error","message":'
    '"prompt is too long: 210000 tokens > 200000 maximum"}}',
    "claude-tool": "● Bash(npm test)\n  ⎿  Error: 3 tests failed\n\n● The tests fail because the fixture is "
    "missing. I'll add it.",
    "claude-login-ok": "Login successful. Press Enter to continue…\n\n> /status\n  Login method: Claude "
    "Max account",
    "claude-status": '{"loggedIn": true, "authMethod": "claude.ai", "apiProvider": "firstParty"}',
    "claude-json": '{"type":"result","subtype":"success","is_error":false,"total_cost_usd":0.12}',
    "prose": "We moved the credentials of the billing service to the vault; tokens are renewed by a job at "
    "night.",
    "vault": "Error making API request. URL: GET https://vault.internal:8200/v1/secret. Code: 403. Errors: * "
    "permission denied",
    "keychain-ci": "fastlane: Setting up keychain for CI. Keychain unlocked.",
    "permission-error": "PermissionError: [Errno 13] Permission denied: '/etc/shadow'",
    "empty": "",
    "pip-retry": "WARNING: Retrying after connection broken by 'SSLError(SSLCertVerificationError(1, '["
    "SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: unable to get local issuer"
    " certificate'))': /simple/requests/",
    "gemini-api": "google.api_core.exceptions.PermissionDenied: 403 Generative Language API has not been"
    " used in project 123 before or it is disabled. GEMINI_API_KEY",
    "test-name": "FAIL tests/login.test.ts > shows 'not logged in' banner\n"
    "expected 'Logged in' to equal 'Not logged in'",
    "cursor": "Cursor: ERROR_NOT_LOGGED_IN Not logged in. Please log in to use this feature.",
    "gh-login": "You are not logged into any GitHub hosts. To log in, run: gh auth login",
    "code-review": "diff --git a/x b/x\n+  raise ValueError('missing api key')\n",
    "requests-tls": "requests.exceptions.SSLError: HTTPSConnectionPool(host='intranet.example.com', port=4"
    "43): Max retries exceeded with url: /api (Caused by SSLError(SSLCertVerificationError"
    "(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed: self-signed certific"
    "ate in certificate chain (_ssl.c:1006)')))",
    "own-bearer": '{"error":"Invalid bearer token","path":"/api/v1/orders","service":"billing"}',
    "gcs": "403 POST https://storage.googleapis.com/upload: SERVICE_DISABLED Cloud Storage API ha"
    "s not been used in project 1 before or it is disabled",
    "codesign": "codesign: errSecInternalComponent\n"
    "error: User interaction is not allowed. Command CodeSign failed with a nonzero exit c"
    "ode",
    "vite": "This site can\u2019t be reached. localhost refused to connect. http://localhost:5173/",
    "pg-tls": "Error: self-signed certificate in certificate chain at pg/lib/client.js code: 'SELF_S"
    "IGNED_CERT_IN_CHAIN' connection to db.example.com:5432",
    "copilot": 'GitHub Copilot could not connect to server. Extension activation failed: "unable to g'
    'et local issuer certificate"',
    "npm-tls-private": "npm ERR! code SELF_SIGNED_CERT_IN_CHAIN\nnpm ERR! errno SELF_SIGNED_CERT_IN_CHAIN\n"
    "npm ERR! request to https://nexus.corp.example/left-pad failed, reason: self-signed certificate in "
    "certificate chain",
}
