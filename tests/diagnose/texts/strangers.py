"""Errors of other programs, as they word them: none is Claude Code's, and none is taken for it."""

from __future__ import annotations

STRANGERS: dict[str, str] = {
    # ── packages and repositories ────────────────────────────────────────────────────────────────
    "npm-401": "npm ERR! code E401\nnpm ERR! Unable to authenticate, your authentication token seems to be "
    "invalid.\nnpm ERR! To correct this please trying logging in again with:\nnpm ERR!     npm login",
    "npm-403": "npm error code E403\nnpm error 403 403 Forbidden - PUT https://npm.example.test/x - You do "
    "not have permission to publish",
    "npm-cert": "npm ERR! code SELF_SIGNED_CERT_IN_CHAIN\nnpm ERR! request to https://npm.example.test/x "
    "failed, self-signed certificate in certificate chain",
    "npm-refused": "npm ERR! code ECONNREFUSED\nnpm ERR! FetchError: request to http://localhost:4873 failed",
    "yarn": 'yarn error An unexpected error occurred: "https://npm.pkg.github.com/x: authentication token '
    'not provided".',
    "pip-cert": "pip._vendor.urllib3.exceptions.SSLError: [SSL: CERTIFICATE_VERIFY_FAILED] certificate "
    "verify failed: unable to get local issuer certificate",
    "pip-401": "ERROR: HTTP error 401 while getting https://pypi.example.com/simple/x/\nUser for "
    "pypi.example.com:",
    "cargo": "error: failed to publish to registry at https://crates.io\nthe remote server responded with an "
    "error (status 403 Forbidden): authentication failed",
    "maven": "[ERROR] Failed to execute goal: status code: 401, reason phrase: Unauthorized (401) -> maven",
    "git-https": "remote: HTTP Basic: Access denied\nfatal: Authentication failed for "
    "'https://gitlab.com/x/y.git/'",
    "git-password": "remote: Support for password authentication was removed on August 13, 2021.\nfatal: "
    "Authentication failed for 'https://github.com/x/y.git/'",
    "git-ssh": "git@github.com: Permission denied (publickey).\nfatal: Could not read from remote.",
    "git-cert": "fatal: unable to access 'https://git.example.com/x.git/': SSL certificate problem: unable "
    "to get local issuer certificate",
    "gh-login": "To get started with GitHub CLI, please run:  gh auth login\nAlternatively, populate the "
    "GH_TOKEN environment variable with a GitHub API authentication token.",
    "gh-401": "HTTP 401: Bad credentials (https://api.github.com/graphql)\nTry authenticating with:  gh auth "
    "login",
    "gh-scope": "GraphQL: Your token has not been granted the required scopes to execute this query.",
    "gh-token": "The token in GITHUB_TOKEN is invalid.",
    # ── containers and clusters ──────────────────────────────────────────────────────────────────
    "docker-denied": "Error response from daemon: pull access denied for x, repository does not exist or may "
    "require 'docker login': denied: requested access to the resource is denied",
    "docker-auth": 'Error response from daemon: Head "https://registry.example.com/v2/": unauthorized: '
    "authentication required",
    "docker-helper": "error getting credentials - err: exec: docker-credential-desktop: executable file not "
    "found in $PATH",
    "docker-daemon": "Cannot connect to the Docker daemon at unix:///var/run/docker.sock. Is the docker "
    "daemon running?",
    "kubectl-login": "error: You must be logged in to the server (Unauthorized)",
    "kubectl-exec": "Unable to connect to the server: getting credentials: exec: executable "
    "gke-gcloud-auth-plugin not found",
    "kubectl-sso": "kubectl get pods\nThe SSO session associated with this profile has expired or is "
    "otherwise invalid. To refresh this SSO session run aws sso login with the corresponding profile.",
    "kubectl-cert": "Unable to connect to the server: x509: certificate has expired or is not yet valid",
    "helm": "Error: Kubernetes cluster unreachable: the server has asked for credentials",
    # ── clouds ───────────────────────────────────────────────────────────────────────────────────
    "boto3-expired": "botocore.exceptions.ClientError: An error occurred (ExpiredToken) when calling the "
    "ListBuckets operation: The provided token has expired.",
    "boto3-none": "botocore.exceptions.NoCredentialsError: Unable to locate credentials",
    "boto3-denied": "botocore.exceptions.ClientError: An error occurred (AccessDenied) when calling the "
    "PutObject operation: Access Denied",
    "aws-s3": "fatal error: An error occurred (403) when calling the HeadObject operation: Forbidden",
    "aws-ecr": "An error occurred (UnrecognizedClientException) when calling the GetAuthorizationToken "
    "operation: The security token included in the request is invalid. aws s3 cp",
    "gcloud-none": "ERROR: (gcloud.compute.instances.list) You do not currently have an active account "
    "selected.\nPlease run:\n\n  $ gcloud auth login",
    "gcloud-reauth": "ERROR: (gcloud.storage.ls) There was a problem refreshing your current auth tokens: "
    "Reauthentication failed. cannot prompt during non-interactive execution.",
    "google-api": '{"error":{"code":401,"message":"Request had invalid authentication credentials. Expected '
    'OAuth 2 access token, login cookie or other valid authentication credential.",'
    '"status":"UNAUTHENTICATED"}}',
    "google-key": '{"error":{"code":400,"message":"API key not valid. Please pass a valid API key.",'
    '"status":"INVALID_ARGUMENT"}}',
    "google-bigquery": "google.api_core.exceptions.Forbidden: 403 Access Denied: BigQuery: Permission "
    "bigquery.jobs.create denied",
    "azure-login": "az: ERROR: AADSTS700082: The refresh token has expired due to inactivity.\nInteractive "
    "authentication is needed. Please run:\naz login",
    "azure-python": "azure.core.exceptions.ClientAuthenticationError: DefaultAzureCredential failed to get "
    "a token from the included credentials.",
    "azure-storage": "AuthorizationPermissionMismatch: This request is not authorized to perform this "
    "operation using this permission.",
    # ── other assistants and models ──────────────────────────────────────────────────────────────
    "gemini-login": "Gemini CLI: Failed to login. Message: Could not load the default credentials. See "
    "https://cloud.google.com/docs/authentication/getting-started for more information.",
    "gemini-key": "GEMINI_API_KEY not found. Find your key at https://aistudio.google.com, then restart.",
    "cursor": "Cursor: Authentication required. Please run 'cursor-agent login' first, or set "
    "CURSOR_API_KEY environment variable.",
    "codex-used": "Codex: Your access token could not be refreshed because your refresh token was already "
    "used. Please log out and sign in again.",
    "codex-401": "codex: unexpected status 401 Unauthorized: Missing bearer or basic authentication, "
    "url: https://api.openai.com/v1/responses",
    "openai": "openai.AuthenticationError: Error code: 401 - {'error': {'message': 'Incorrect API key "
    "provided: sk-proj-***.', 'type': 'invalid_request_error', 'code': 'invalid_api_key'}}",
    "openai-quota": "openai.RateLimitError: Error code: 429 - {'error': {'message': 'You exceeded your "
    "current quota', 'type': 'insufficient_quota'}}",
    "copilot": "GitHub Copilot could not connect to server. Extension activation failed: "
    '"User not authorized"',
    "huggingface": "huggingface_hub.errors.GatedRepoError: 401 Client Error. Access to x is restricted. "
    "You must be authenticated to access it. Please log in.",
    # ── tools of the web ─────────────────────────────────────────────────────────────────────────
    "curl-cert": "curl: (60) SSL certificate problem: self-signed certificate in certificate chain",
    "curl-refused": "curl: (7) Failed to connect to localhost port 8080 after 0 ms: Connection refused",
    "curl-proxy": "curl: (56) CONNECT tunnel failed, response 407",
    "wget": "wget: unable to resolve host address 'files.example.com'",
    "terraform": "Error: error configuring Terraform AWS Provider: no valid credential sources for Terraform "
    "AWS Provider found.",
    "terraform-cloud": "Error: Required token could not be found\nRun the following command to generate a "
    "token for app.terraform.io: terraform login",
    "vault": "Error making API request.\nURL: GET https://vault.example.com/v1/secret/x\nCode: 403. "
    "Errors:\n* permission denied\n* invalid token",
    "vault-lookup": "Error looking up token: Code: 403. Errors: * bad token",
    "vercel": "Error: Not logged in. Run `vercel login` first.\nError: The specified token is not valid.",
    "netlify": "Error: Not logged in. Please log in to netlify first: netlify login",
    "heroku": "Error: Invalid credentials provided. heroku login",
    "slack": "com.slack.api.methods.SlackApiException: status: 200, error: token_revoked, needed: null",
    "spotify": 'Spotify Web API returned 401: {"error":{"status":401,"message":"The access token expired"}}',
    "sendgrid": "Error: Invalid API key · check your SENDGRID_API_KEY\n    at Mailer.send",
    "stripe": "stripe.error.AuthenticationError: Invalid API Key provided: sk_test_***",
    "postgres": 'psql: error: connection failed: FATAL: password authentication failed for user "me"',
    "redis": "redis.exceptions.AuthenticationError: WRONGPASS invalid username-password pair or user is "
    "disabled.",
    "ssh": "ssh: connect to host build.example.com port 22: Connection refused",
    "smtp": "smtplib.SMTPAuthenticationError: (535, b'5.7.8 Username and Password not accepted.')",
    "ldap": "ldap.INVALID_CREDENTIALS: {'desc': 'Invalid credentials'}",
    "gmail": "google.auth.exceptions.RefreshError: ('invalid_grant: Token has been expired or revoked.', "
    "{'error': 'invalid_grant'}) gmail api",
    "keychain-sign": "codesign: errSecInternalComponent user interaction is not allowed",
    "sentry": "error: API request failed\nsentry reported an error: Invalid token (http status: 401)",
}
