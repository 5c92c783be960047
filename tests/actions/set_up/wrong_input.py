"""What is right in each field of setting up, and what is typed wrongly there."""

from __future__ import annotations

from claude_auth.actions.set_up.fields import SetUpField
from tests.actions.set_up.stage import BEDROCK, KEY, TYPED, YEAR

#: Wrong in every field. `{}`: what would be right there.
ALWAYS = {
    "a blank before": " {}",
    "a blank behind": "{} ",
    "a line break behind": "{}\n",
    "a carriage return behind": "{}\r",
    "a tab inside": "{}\t{}",
    "two lines": "{}\n{}",
    "a no-break space behind": "{}\u00a0",
    "a no-break space inside": "a\u00a0b",
    "a zero-width space": "{}\u200b",
    "a byte order mark": "\ufeff{}",
    "a direction mark": "\u202e{}",
    "an escape character": "\x1b[31m{}",
    "a NUL": "{}\0",
    "quotes": '"{}"',
    "single quotes": "'{}'",
    "backticks": "`{}`",
    "typographic quotes": "“{}”",
    "a quote at its end": "{}'",
    "a quote at its begin": '"{}',
    "far too long": "{}" + "a" * 20_000,
    "a refresh token": "sk-ant-ort01-" + "madeUpForTests0Renew" * 4,
    "an admin key": "sk-ant-admin01-" + "madeUpForTests0Admin" * 4,
    "an AWS key id": "AKIAIOSFODNN7EXAMPLE",
    "a key of Google's": "AIza" + "madeUpForTests0Google0" * 2,
    "a token of GitHub's": "ghp_" + "madeUpForTests0GitHub00" * 2,
    "a private key": "-----BEGIN PRIVATE KEY-----",
}
#: Wrong but where that very thing is meant, or may be.
USUALLY = {
    "an API key": KEY,
    "an OAuth token": YEAR,
    "a Bedrock key": BEDROCK,
    "an address": "https://example.org/keys",
    "a host": "gateway.example.org",
    "a path": "/home/ada/key.txt",
    "an assignment": "ANTHROPIC_API_KEY={}",
    "an export": "export X={}",
    "a whole header": "Bearer {}",
    "a variable": "${MY_SECRET}",
    "a placeholder": "<your-key-here>",
    "one letter": "x",
    "JSON": '{"key": "{}"}',
    "a sentence": "please put it here, thank you",
    "letters of another script": "ключ-ключ-ключ",
}
#: What may stand there after all, by field.
MEANT = {
    ("api-key", "key"): {"an API key"},
    ("year-token", "token"): {"an OAuth token"},
    ("bedrock-key", "key"): {"a Bedrock key"},
    ("gateway", "url"): {"an address"},
    ("own-client", "issuer"): {"an address"},
    ("own-client", "url"): {"an address"},
    ("own-client", "client_id"): {"a host"},
    ("own-client", "scopes"): {
        *("a host", "a path", "an assignment", "an export", "a whole header", "a variable"),
        *("a placeholder", "one letter", "a sentence"),
    },
    ("bedrock-sso", "refresh"): {"a path"},
    ("vertex-adc", "refresh"): {"a path"},
    ("gateway", "token"): {"a host"},
    ("own-client", "client_secret"): {"a host"},
}
RIGHT = {
    **{(way, name): text for way, values in TYPED.items() for name, text in values.items()},
    ("bedrock-sso", "refresh"): "aws sso login --profile dev",
    ("vertex-adc", "refresh"): "gcloud auth application-default login",
}


def wrong(way: str, field: SetUpField) -> dict[str, str]:
    right = RIGHT[way, field.id]
    meant = MEANT.get((way, field.id), set())
    told = {**ALWAYS, **{name: text for name, text in USUALLY.items() if name not in meant}}
    return {name: text.replace("{}", right) for name, text in told.items()}
