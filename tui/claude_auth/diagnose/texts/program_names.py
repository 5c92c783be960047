"""How other programs whose errors look like ours are known: their own forms, their names, their packages.

Tables alone, for `other_programs`; several marks of one program are separated by commas.
"""

from __future__ import annotations

#: name: words that only it prints, compared in lower case with their punctuation, as whole words.
FORMS = {
    "npm": "npm err, npm error, npm http, npm warn",
    "yarn": "yarn error, yarn-error.log, yarnpkg.com/en/docs/cli, yn0041:, yn0035:, yn0001:",
    "pnpm": "err_pnpm_",
    "pip": "pip install, pip._vendor, error: no matching distribution found for, after connection broken by"
    ", credentials not correct for, while getting https://pypi, user for pypi",
    "PyPI": "invalid or non-existent authentication information",
    "Twine": "httperror: 400 bad request from, httperror: 403 forbidden from, twine upload",
    "Poetry": "poetry publish, poetry install, invalidmacaroonerror, pypoetry, poetry/repositories",
    "uv": "uv pip, uv sync, uv publish, http status client error",
    "git": "git clone, git fetch, fatal: unable to access, fatal: authentication failed"
    ", fatal: could not read, fatal: remote error, remote: permission to, remote: http basic"
    ", remote: support for password, remote: invalid username, requested url returned error: 403 fatal",
    "ssh": "permission denied (publickey, too many authentication failures, ssh: connect to host"
    ", host key verification failed, ssh_exchange_identification",
    "GitHub's API": "github api error",
    "GitHub CLI (gh)": "gh auth login, gh auth refresh, gh auth status, graphql: your token has not"
    ", graphql: resource protected, graphql: resource not accessible, gh_token environment variable"
    ", the token in github_token is invalid",
    "GitLab's API": "gitlab api error",
    "GitLab CLI (glab)": "glab auth",
    "docker": "error response from daemon, docker-credential-, docker login, docker daemon"
    ", denied: requested access to the resource is denied, docker pull, docker push, docker buildx",
    "podman": "initializing source docker://, podman login, podman pull, podman push, quay.io",
    "kubectl": "kubectl get, kubectl apply, you must be logged in to the server"
    ", getting credentials: exec: executable, unable to connect to the server: x509, error from server ("
    ", couldn't get current server api group list, gke-gcloud-auth-plugin, system:serviceaccount:"
    ", unable to upgrade connection",
    "rsync": "rsync error, @error: auth failed on module",
    "Homebrew": "homebrew_github_api_token, brew install, brew upgrade",
    "apt": "e: the repository, e: failed to fetch, inrelease",
    "helm": "helm install, helm upgrade, helm pull, helm push, helm.go, kubernetes cluster unreachable"
    ", installation failed:, upgrade failed:, failed to fetch anonymous token",
    "AWS CLI (aws)": "aws s3, aws ecr, $ aws, aws sts get-caller-identity error, an error occurred (403) when"
    ', running "aws configure", error loading sso token, error when retrieving token from sso',
    "the AWS SDK for Go": "operation error s3, operation error sts, operation error dynamodb"
    ", operation error ec2, operation error ecr, operation error iam, https response error statuscode"
    ", nocredentialproviders, failed to refresh cached credentials",
    "the AWS CDK": "cdk deploy, cdk synth, cdk bootstrap, need to perform aws calls for account",
    "the Serverless Framework": "serverless framework, slss.io, serverless deploy",
    "Terraform": "registry.terraform.io, app.terraform.io, terraform login"
    ", terraform init, terraform plan, terraform apply",
    "OpenTofu": "tofu init, tofu plan, tofu apply, opentofu",
    "Pulumi": "pulumi up, pulumi preview, pulumi login, pulumi_access_token, pulumi:providers",
    "Vault": "x-vault-token, error making api request. url, error looking up token, error writing data to"
    ", error reading secret, missing client token, vault_addr, vault login",
    "gcloud": "(gcloud., gcloud auth login",
    "gsutil": "gsutil, serviceexception: 401, serviceexception: 403, accessdeniedexception: 403",
    "bq (BigQuery)": "bigquery error in, bigquery.jobs.create, bq query",
    "Firebase CLI": "firebase login, firebase deploy, firebase-tools",
    "Azure CLI (az)": "az login to setup account, az login --scope, az: error, run 'az login' to setup"
    ", interactive authentication is needed. please run",
    "Azure Developer CLI (azd)": "azd auth, azd up, azd deploy",
    "the Azure SDK for Go": "azidentity., defaultazurecredential: failed to acquire a token",
    "Gemini CLI": "gemini cli, gemini_api_key, .gemini/settings.json, gemini -p"
    ", cloudaicompanion.googleapis.com, cloudcode-pa.googleapis.com",
    "Google's Gemini API": "generative language api, generativelanguage.googleapis.com, aistudio.google.com"
    ", please pass a valid api key",
    "Qwen Code": "qwen-code, qwen code, .qwen/settings.json",
    "Codex": "codex exec, codex login, openai codex, .codex/auth.json, codex_api_key"
    ", your refresh token was already used. please log out",
    "Cursor": "cursor-agent, cursor_api_key, cursor.app/contents, user api key error, cursor.com/settings",
    "GitHub Copilot": "github copilot, copilot can be authenticated, copilot_github_token",
    "Aider": "aider v0, aider v1, aider.chat, the api provider is not able to authenticate you",
    "Cline": "cline.bot, saoudrizwan.claude-dev",
    "Continue": "continuedev, continue.dev",
    "opencode": "opencode auth login, opencode/src, opencode.ai",
    "Amp": "amp login, ampcode.com",
    "Goose": "goose configure, goose session, goosed",
    "Crush": "crush login, charmbracelet/crush",
    "the OpenAI API": "openai api error, platform.openai.com, api.openai.com, openai_api_key, sk-proj-",
    "Hugging Face": "hf auth login, cannot access gated repo, trying to access a gated repo",
    "curl": "curl: (, curl.se/docs",
    "wget": "username/password authentication failed",
    "cargo": "cargo publish, cargo login, crates.io, to registry at",
    "go": "proxy.golang.org, sum.golang.org, go mod, go: module",
    "Maven": "reason phrase: unauthorized, could not transfer artifact, failed to execute goal",
    "Gradle": "received status code 401 from server, received status code 403 from server",
    "NuGet": "error nu1301, error nu1101",
    "Bundler": "bundle config, bundle install, please supply credentials for this source",
    "RubyGems": "gem push, gem signin",
    "Composer": r"could not authenticate against, composer\downloader, composer install, composer update",
    "PostgreSQL": "psql: error, fatal: password authentication failed",
    "MySQL": "error 1045 (, (using password: yes), (using password: no)",
    "MongoDB": "mongoservererror",
    "Redis": "wrongpass invalid username, noauth authentication required",
    "Kerberos": "kinit, preauthentication failed, gss_init_sec_context",
    "sudo": "incorrect password attempt, sudo: a password is required, sudo: a terminal is required",
    "Snyk": "snyk auth, snyk-0005, snyk test",
    "Vercel CLI": "vercel login, vercel deploy, vercel --prod",
    "Netlify CLI": "netlify login, netlify deploy",
    "Wrangler (Cloudflare)": "wrangler login, wrangler deploy, .wrangler/logs, request to the cloudflare api",
    "Heroku CLI": "heroku login, heroku apps",
    "flyctl": "flyctl, fly auth login, fly deploy",
    "Slack": "request to the slack api, slack api error",
    "Sentry CLI": "sentry-cli, sentry reported an error",
    "Ansible": "unreachable! =>, ansible-playbook",
    "Databricks": "docs.databricks.com, databricks auth login",
    "1Password CLI (op)": "op signin, op read, op://",
    "Bitwarden CLI (bw)": "bw login, bw unlock",
    "Doppler": "doppler error, doppler run, doppler login",
    "Ollama": "ollama pull, ollama run, pull model manifest",
    "Apple's signing tools": "codesign, xcodebuild, notarytool",
}
#: name: words that are named in errors of many programs.
MENTIONS = {
    "npm": "npmjs",
    "yarn": "yarnpkg",
    "pip": "pypi, pythonhosted",
    "GitHub's API": "api.github.com",
    "docker": "docker.io, dockerd, containerd",
    "kubectl": "kubectl, kubelet",
    "AWS": "s3.amazonaws.com, aws s3, localstack",
    "GitHub Copilot": "copilot",
    "Firebase": "firebase, firestore",
    "a Google service": "cloud storage api, storage.googleapis.com, gmail api, compute engine api"
    ", kubernetes engine api, cloud resource manager api",
    "a Python program": "httpsconnectionpool",
    "a mail server": "smtp, postfix, sendgrid, twilio",
    "Grafana": "grafana, prometheus",
    "a browser test": "cypress, selenium, playwright, puppeteer",
    "Windsurf": "windsurf, codeium",
    "Hugging Face": "huggingface",
    "PostgreSQL": "psql, postgres, postgresql, pg/lib, pg-pool",
    "MongoDB": "mongo, mongodb, mongosh",
    "Netlify CLI": "netlify",
    "Wrangler (Cloudflare)": "wrangler",
    "Heroku CLI": "heroku",
    "Slack": "slack.com, slack.api, slack_sdk",
    "Snowflake": "snowflake, snowsql",
    "OpenClaw": "openclaw",
}
_SERVICES = """
    ansible auth0 bitbucket bitwarden cargo codex cohere databricks datadog dropbox elasticsearch gemini
    gitlab gradle groq jenkins jira kafka keycloak ldap maven mistral mysql nuget okta openai openrouter
    rabbitmq redis rubygems salesforce sentry shopify spotify sshd strapi stripe supabase terraform webpack
    wget
"""
MENTIONS |= {name.capitalize(): name for name in _SERVICES.split()}
#: name: how a line begins that it prints, with a colon after it or in brackets.
LEADS = {
    "npm": "npm",
    "pip": "pip",
    "uv": "uv",
    "git": "git",
    "ssh": "ssh scp sftp",
    "GitHub CLI (gh)": "gh",
    "GitLab CLI (glab)": "glab",
    "docker": "docker docker-compose",
    "podman": "podman",
    "kubectl": "kubectl",
    "helm": "helm",
    "AWS CLI (aws)": "aws",
    "Terraform": "terraform",
    "Pulumi": "pulumi",
    "Vault": "vault",
    "gcloud": "gcloud",
    "Azure CLI (az)": "az",
    "Gemini CLI": "gemini gemini-cli",
    "Qwen Code": "qwen qwen-code",
    "Codex": "codex codex-cli",
    "Cursor": "cursor cursor-agent",
    "GitHub Copilot": "copilot copilot-cli",
    "Aider": "aider",
    "Cline": "cline",
    "Roo Code": "roo roo-code roocode",
    "Kilo Code": "kilo kilocode kilo-code",
    "Continue": "continue continue.dev",
    "opencode": "opencode",
    "Amp": "amp",
    "Windsurf": "windsurf cascade",
    "Goose": "goose",
    "Crush": "crush",
    "Zed": "zed",
    "iFlow": "iflow",
    "Kimi CLI": "kimi kimi-cli",
    "OpenHands": "openhands",
    "Hugging Face": "hf huggingface-cli",
    "curl": "curl",
    "wget": "wget",
    "go": "go",
    "cargo": "cargo",
    "PostgreSQL": "psql",
    "MySQL": "mysql",
    "Redis": "redis-cli",
    "LDAP": "ldap_bind ldapsearch",
    "Kerberos": "kinit",
    "sudo": "sudo su",
    "flyctl": "flyctl fly",
    "Bitwarden CLI (bw)": "bw",
    "1Password CLI (op)": "op",
    "Ollama": "ollama",
    "Jira": "jira",
    "rsync": "rsync",
    "Homebrew": "brew",
    "apt": "apt apt-get",
    "the package manager": "conda mamba dnf yum zypper pacman",
    "Subversion": "svn",
    "OpenShift (oc)": "oc",
    "Argo CD": "argocd",
    "rclone": "rclone",
    "restic": "restic",
}
#: Where a package's exceptions belong to a program or service with a better-known name.
PACKAGES = {
    "botocore": "boto3 (botocore)",
    "boto3": "boto3 (botocore)",
    "google": "Google's Python libraries",
    "googleapiclient": "Google's Python libraries",
    "azure": "the Azure SDK for Python",
    "msal": "the Azure SDK for Python",
    "Azure": "the Azure SDK for .NET",
    "Amazon": "the AWS SDK for .NET",
    "com.amazonaws": "the AWS SDK for Java",
    "software.amazon": "the AWS SDK for Java",
    "com.google": "Google's Java libraries",
    "com.azure": "the Azure SDK for Java",
    "com.slack": "Slack",
    "openai": "the OpenAI API",
    "huggingface_hub": "Hugging Face",
    "redis": "Redis",
    "psycopg2": "PostgreSQL",
    "stripe": "Stripe",
    "slack_sdk": "Slack",
    "mistralai": "Mistral",
    "smtplib": "a mail server",
}
#: Ours, a gateway's, and what any program speaks HTTP with.
OWN_PACKAGES = {"anthropic", "claude_agent_sdk", "claude_code_sdk", "litellm"} | {
    *("httpx", "httpcore", "h11", "h2", "requests", "urllib3", "aiohttp", "ssl", "urllib", "http", "socket")
}
#: Anthropic's SDK on Vertex lets this one through as it is: it is named, and may be ours.
SHARED = {"google.auth.exceptions.DefaultCredentialsError"}
#: Programs that answer in the forms of Claude Code, and speak of Claude: its name beside them says nothing.
ASSISTANTS = {
    *("Gemini CLI", "Qwen Code", "Codex", "Cursor", "GitHub Copilot", "Aider", "Cline", "Roo Code"),
    *("Kilo Code", "Continue", "opencode", "Amp", "Windsurf", "OpenClaw", "Goose", "Crush", "Zed", "iFlow"),
    *("Kimi CLI", "OpenHands"),
}
#: What Claude Code itself runs, or tells to run: its name beside our words says nothing.
OWN_TOOLS = {*("gcloud", "AWS CLI (aws)", "Azure CLI (az)", "Azure Developer CLI (azd)", "GitHub CLI (gh)")}
