"""Whose answer an error text is, what happened, and to which credential, where its words are not known.

Decided from structure alone: names of services, forms of messages, statuses. A text that shows no sign of
Claude Code, of Anthropic or of what stands between is nobody's that is known here; one with another
program's name is that program's.
"""

from __future__ import annotations

from typing import Literal

from claude_auth.diagnose.cause import Who
from claude_auth.diagnose.texts.prepare import pattern
from claude_auth.named_tuples import NamedTuple

What = Literal[
    "not-signed-in",
    "refused",
    "expired",
    "revoked",
    "not-allowed",
    "not-reachable",
    "misconfigured",
    "rate-limited",
    "not-saved",
]


class Answerer(NamedTuple):
    """Who may have answered: its name in a sentence, what shows it, and what to look at first."""

    who: Who
    name: str
    marks: str
    first: str


_AT_GATEWAY_FIRST = (
    "the gateway's own key and its log, and where ANTHROPIC_BASE_URL leads: `claude-auth status`"
)

_BUSY_FIRST = (
    "how busy it is, at https://status.claude.com, and try again later: the credential is not at fault"
)

#: In this order: what stands nearest to the request comes before what it asks.
ANSWERERS: tuple[Answerer, ...] = (
    Answerer(
        "mcp-server",
        "an MCP server",
        r"\bmcp\b|mcp[ _-]server|modelcontextprotocol|well-known oauth|error posting to endpoint"
        r"|streamable http error",
        "the sign-in and configuration of that MCP server: /mcp in claude, not the Claude login",
    ),
    Answerer(
        "github",
        "GitHub's side of the action",
        r"\boidc\b|github[ _-]app\b|github_token|id-token|claude-code-action",
        "the workflow's permissions and the GitHub app; no Claude credential is involved",
    ),
    Answerer(
        "keyring",
        "the keyring of the operating system",
        r"keychain|keyring|secure storage|libsecret|secret service|errsec",
        "whether the keychain is unlocked and lets Claude Code write: `security unlock-keychain`",
    ),
    Answerer(
        "gateway",
        "a gateway or router before the API",
        r"gateway|litellm|openrouter|portkey|claude-code-router|\bupstream\b|new_api|one_api|virtual key"
        # A body in the form of another API: Anthropic's begins with its type, a cloud's with its code.
        r"|api error:? \d{3} \{[\"']error[\"']: ?\{[\"']message[\"']"
        # What proxies say in words of their own.
        r"|\bjwt (?:is|verification|issuer)\b|\brbac: |no healthy upstream|\bbifrost"
        r"|no api key found in request",
        _AT_GATEWAY_FIRST,
    ),
    Answerer(
        "aws",
        "AWS",
        r"\baws\b|aws_|bedrock|\bsts\b|\biam\b|arn:aws|x-amz|sigv4|\bsso\b"
        r"|credentialsprovidererror|instance metadata service|unauthorizedexception|expiredtoken|\bimds\b",
        "whom AWS takes you for: `aws sts get-caller-identity`",
    ),
    Answerer(
        "google",
        "Google Cloud",
        r"vertex|google cloud|gcloud|\bgcp\b|\badc\b|googleapis|aiplatform|google_(?:application|external)"
        r"|the caller does not have permission|external_account"
        r"|[\"']status[\"']: ?[\"'](?:unauthenticated|permission_denied|failed_precondition|resource_exh)",
        "the Application Default Credentials: `gcloud auth application-default print-access-token`",
    ),
    Answerer(
        "azure",
        "Azure",
        r"foundry|azure|aadsts|\bentra\b|\baz login\b|microsoft\.cognitiveservices"
        r"|(?:token|identity|cli|environment)credential\b",
        "the variables of Microsoft Foundry and `az account show`",
    ),
    Answerer(
        "network",
        "the network, before any server answered",
        r"econn|enotfound|etimedout|eai_again|getaddrinfo|certificate|\b(?:tls|ssl|dns)\b|\bproxy\b"
        r"|socket hang up|socket connection was closed|connectionrefused"
        r"|connection (?:refused|reset|closed|timed out|error)|fetch failed|network error",
        "the way to each host: `claude-auth diagnose --network`",
    ),
    # A body that is in none of the forms of the API and of the clouds: a page, or JSON that begins otherwise.
    Answerer(
        "gateway",
        "a gateway or router before the API",
        r"api error:? \(?\d{3} \(?(?:<[a-z!]|\{[\"'](?!type[\"']|error[\"']: ?\{[\"']type[\"']))",
        _AT_GATEWAY_FIRST,
    ),
    Answerer(
        "anthropic",
        "Anthropic's API",
        r"api error|\berror code: ?[45]\d\d|[\"']type[\"']: ?[\"']error[\"']|request[_-]id|\breq_0"
        r"|anthropic\.|api\.anthropic\.com|claude\.ai (?:rejected|refused)|_error[\"']"
        r"|[\"']error_status[\"']",
        "what is sent, and from where: `claude-auth status`",
    ),
    Answerer(
        "client",
        "Claude Code itself, before any request",
        r"/login|/status\b|\bclaude\b|anthropic|failed to authenticate|oauth",
        "what it finds here, and what it is set up with: `claude-auth status`",
    ),
)

#: By whose answer it is.
ANSWERER_NAMES: dict[Who, str] = {each.who: each.name for each in ANSWERERS} | {
    "other-program": "another program"
}

#: A text without any of these is not ours, whatever else it speaks of.
_OURS = (
    r"claude|anthropic|(?:run|use|try|with) [`'\"]?/login\b|(?<!\[)\bapi error(?:[:(]| \()|mcp server"
    r"|failed to authenticate|apikeyhelper|[\"']type[\"']: ?[\"'](?:error|[a-z]+_error)[\"']"
    r"|\berror code: ?[45]\d\d - \{|[\"']subtype[\"']: ?[\"']api_retry[\"']|well-known oauth"
    r"|streamable http error"
)

#: A complaint of any kind is about a sign-in where one of these stands there.
_ABOUT = (
    r"credential|apikeyhelper|\btoken\b|\bkeys?\b|oauth|\bsign|login|log in|\bauth|header|provider"
    r"|profile|gateway|account|aws_bearer|\bsso\b"
    r"|organi[sz]ation|certificate|proxy|keychain|managed settings"
)

_WHATS: tuple[tuple[What, str, str], ...] = (
    (
        "rate-limited",
        "it asked to wait",
        r"\b429\b|rate.?limit|too many (?:requests|attempts)|error:? \(?529\b|code:? 529\b|overloaded",
    ),
    (
        "not-saved",
        "something could not be saved",
        r"(?:n.t|not|fail\w*|unable to|cannot) (?:be )?(?:save|saved|write|written|store|stored|persist)\b",
    ),
    ("revoked", "it was revoked", r"revoked|no longer (?:valid|accepted)|withdrawn"),
    ("expired", "it has expired", r"expir|has ended|time limit|past due|too old|\bstale\b|session ended"),
    (
        "not-signed-in",
        "nobody is signed in",
        r"(?:not|n.t) (?:logged|signed) in|(?:sign|log) ?in (?:to|again|first|with)|not authenticated"
        r"|couldn.t (?:authenticate|(?:\S+ ){0,3}(?:log|sign)(?:ing|ged|ed)? ?(?:you )?in\b)"
        r"|sign-in (?:not finished|was not started|may have ended|service\b)|receive the sign-in"
        r"|sign-in is still running|confirm which \S+ you signed in to"
        r"|(?:needs?|requires?|required) (?:a |an |you to )?(?:\S+ ){0,2}(?:sign|log|authenticat|authoriz)"
        r"|(?:no|missing) (?:\S+ ){0,3}(?:credential|token|key)|authentication required|(?:please"
        r"|re-?)? ?run (?:/login|'?az|'?connect-az|/design-login)",
    ),
    (
        "not-allowed",
        "it is not allowed",
        r"\b403\b|forbidden|not (?:allowed|enabled|permitted|available|authorized)|permission|disabled|denied"
        r"|\b402\b|budget|insufficient (?:credit|balance|funds|quota)"
        r"|polic(?:y|ies)|does(?: not|n.t) (?:have access|allow|include)|on hold|suspended|blocked|restrict"
        r"|in force,? (?:which )?do not allow|do not allow a saved",
    ),
    ("refused", "the credential was refused", r"\b401\b|unauthorized|refused|reject|not accept|n.t accept"),
    (
        "not-reachable",
        "it was not reached, or has a fault of its own",
        r"\b5\d\d\b|econn|enotfound|etimedout|eai_again|getaddrinfo|time[d-]? ?out"
        r"|n.t (?:connect|reach|resolve)|unable to connect|connection ended|before any complete data"
        r"|unreachable|unavailable"
        r"|internal server error|socket|fetch failed"
        r"|certificate",
    ),
    (
        "misconfigured",
        "something is set up wrongly",
        r"\b4\d\d\b|invalid|malformed|unexpected|not (?:a )?valid|unknown|must |unsupported|could not"
        r"|n.t read|fail|error|not found|\bbad\b|wrong|mismatch|problem|can(?:no|.)t"
        r"|did not|does not|(?:did|does|is|was|were|are)n.t|is not|requir|ignored|missing|unable|refusing"
        r"|supported|unset|left out|deprecated|n.t be|not-found|not in force|, not |applies to"
        r"|couldn.t (?:log|sign) out|may still be in the config|conflicting|not used (?:in|while)"
        r"|couldn.t restart|do not name|no api resource scope|need to be explicitly"
        r"|is set up to use|was changed from|points the \S+ sdk|will not replace it|signs its requests",
    ),
)

#: Source id, or whose: the first that is named.
_CREDENTIALS: tuple[tuple[str, str], ...] = (
    ("api-key-helper", r"apikeyhelper|api key helper"),
    ("claude-code-oauth-token", r"claude_code_oauth_token|setup-token|long-lived token"),
    ("anthropic-auth-token", r"anthropic_auth_token|auth token\b"),
    ("anthropic-api-key", r"anthropic_api_key|x-api-key|\bapi key"),
    ("profile", r"anthropic_profile|\bprofile\b"),
    ("federation", r"federation|identity token|workload"),
    ("custom-headers", r"anthropic_custom_headers"),
    ("bedrock-api-key", r"aws_bearer_token_bedrock"),
    ("stored-login", r"claude\.ai|\boauth\b|\blogin\b|refresh token|subscription|signed? in|sign-in"),
)
#: A gateway's 401 is about whatever is sent to it, unless it speaks of Claude Code's own sign-in there.
_AT_GATEWAY = (("gateway-session", r"(?:cloud|apps) gateway|gateway (?:session|sign)"),)
#: What another than Anthropic answers is about its own credential, unless one is named.
_OWN: dict[Who, str] = {
    "aws": "bedrock",
    "google": "vertex",
    "azure": "foundry",
    "mcp-server": "mcp-sign-in",
    "github": "github-token",
}


class Family(NamedTuple):
    """Whose answer, what happened, about which credential: a source's id, or a service's own, None where the
    text does not say. At most likely."""

    who: Who
    what: What
    credential: str | None
    certainty: Literal["likely"] = "likely"

    @property
    def answerer(self) -> Answerer:
        return next(each for each in ANSWERERS if each.who == self.who)

    @property
    def first(self) -> str:
        """What to look at first."""
        busy = self.who == "anthropic" and self.what == "rate-limited"
        return _BUSY_FIRST if busy else self.answerer.first

    @property
    def happened(self) -> str:
        return next(words for what, words, _ in _WHATS if what == self.what)


#: The client's own way to say what a server answered: what the answer names is no other program.
_CLIENTS_FORM = r"(?<!\[)\bapi error:? (?:\d{3}\b|[a-z])|failed to authenticate[.:]"


#: What the client puts before any answer of 401 or 403 says nothing about it.
_ADVICE = r"please run /login · (?=api error)|failed to authenticate[.:] (?=api error)"


def family_of(text: str, *, named_only: bool = False) -> Family | None:
    """`text`: on one line, in lower case. `named_only`: it names another program, which does not speak in it.
    None where nothing shows that it is ours."""
    if named_only and not pattern(_CLIENTS_FORM).search(text):
        return None
    if not pattern(_OURS).search(text):
        return None
    said = pattern(_ADVICE).sub("", text)
    what = next((what for what, _, marks in _WHATS if pattern(marks).search(said)), None)
    who = next((each.who for each in ANSWERERS if pattern(each.marks).search(text)), None)
    if what is None or who is None:
        return None
    if what == "misconfigured" and not pattern(_ABOUT).search(text):
        return None
    known = _AT_GATEWAY if who == "gateway" else _CREDENTIALS
    named = next((source for source, marks in known if pattern(marks).search(text)), None)
    return Family(who, what, _OWN.get(who, named))
