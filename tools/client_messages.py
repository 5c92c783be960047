"""Which messages of an installed Claude Code `claude-auth diagnose` knows, and why it leaves out the others.

    python -m tools.client_messages [CLIENT] [--write VERSION]

Reads the string literals of the client, an npm package or a native binary, as a file; nothing of it is run.
Picks those that a person can see and that speak of a sign-in, a credential or what stands between; compares
them with `client_messages.json`: of each a hash, and the cause or the family that it is told under, or why it
is not ours. No sentence of the client is kept. A message that the record lacks is an error; `--write` adds
it, with the reason that its words give, to be reviewed.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import mmap
import re
import sys
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any

RECORD = Path(__file__).with_name("client_messages.json")
#: Where `make client` puts it.
INSTALLED = Path(__file__).parents[1] / ".client"
PACKAGE = "node_modules/@anthropic-ai"

# ── the client as a file ─────────────────────────────────────────────────────────────────────────

#: A native binary holds its modules as text, each from this mark to a zero byte.
_MODULE = b"\0// @bun"


def sources(client: Path) -> Iterator[str]:
    """The JavaScript of a client: of a package directory, a `cli.js`, or a native binary."""
    if client.is_dir():
        inside = [
            *client.glob(f"{PACKAGE}/claude-code-*/claude"),
            *client.glob(f"{PACKAGE}/claude-code/cli.js"),
        ]
        if not inside:
            raise FileNotFoundError(f"no client in {client}")
        client = inside[0]
    if client.suffix in {".js", ".cjs", ".mjs"}:
        yield client.read_text(encoding="utf-8", errors="replace")
        return
    with client.open("rb") as file, mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ) as data:
        at = data.find(_MODULE)
        while at >= 0:
            end = data.find(b"\0", at + 1)
            yield data[at + 1 : end].decode("utf-8", "replace")
            at = data.find(_MODULE, end)


_TOKEN = re.compile(
    r"(?P<string>\"(?:[^\"\\\n]|\\.)*\"|'(?:[^'\\\n]|\\.)*')"
    r"|(?P<comment>//[^\n]*|/\*.*?\*/)"
    r"|(?P<pattern>(?:(?<=[=(,:;!&|?{}\[\n+~^%<>*])|(?<=return))"
    r"/(?![/*])(?:[^/\\\n\[]|\\.|\[(?:[^\]\\\n]|\\.)*\])+/[a-z]*)"
    r"|(?P<mark>[`{}])",
    re.DOTALL,
)
_CHUNK = re.compile(r"(?:[^`\\$]|\\.|\$(?!\{))*", re.DOTALL)
_ESCAPE = re.compile(r"\\(?:u\{([0-9a-fA-F]+)\}|u([0-9a-fA-F]{4})|x([0-9a-fA-F]{2})|(.))", re.DOTALL)
#: Stands for an expression inside a template.
GAP = "…"


def literals(source: str) -> Iterator[str]:
    """Every string of a JavaScript text; of a template its words, with `GAP` for each expression."""
    #: For each open brace the parts of the template that it stands in, None for any other.
    stack: list[list[str] | None] = []
    place = 0
    while token := _TOKEN.search(source, place):
        place = token.end()
        if token.lastgroup == "string":
            yield _plain(token[0][1:-1])
        elif token[0] == "{":
            stack.append(None)
        elif token[0] == "`" or (token[0] == "}" and stack):
            parts = [] if token[0] == "`" else stack.pop()
            if parts is None:
                continue
            chunk = _CHUNK.match(source, place)
            assert chunk is not None
            parts.append(chunk[0])
            if source[chunk.end() : chunk.end() + 1] == "`":
                yield _plain(GAP.join(parts))
                place = chunk.end() + 1
            else:
                stack.append(parts)
                place = chunk.end() + 2


def _plain(literal: str) -> str:
    return _ESCAPE.sub(_unescaped, literal) if "\\" in literal else literal


def _unescaped(match: re.Match[str]) -> str:
    code = match[1] or match[2] or match[3]
    if code:
        letter = int(code, 16)
        return chr(letter) if letter < 0x110000 and not 0xD800 <= letter < 0xE000 else "?"
    return {"n": "\n", "r": "\n", "t": " ", "\n": ""}.get(match[4], match[4])


# ── what a person can see ────────────────────────────────────────────────────────────────────────

_TOPIC = re.compile(
    r"sign(?:ed|ing)?[ -]?(?:in|out)\b|\blog(?:ged|ging)?[ -]?(?:in|out)\b|/login|/logout|credential|\bauth\b"
    r"|authenticat|api[ _-]?key|apikeyhelper|access[ _]token|auth[ _]token|refresh(?:ing)? (?:the )?token"
    r"|token (?:is |has |was )?(?:expired|invalid|revoked|refused|rejected|missing|exchange)|gateway|oauth"
    r"|keychain|refresh(?:ing)? your token"
    r"|api provider|\baccount\b|organi[sz]ation|subscription|\b(?:your|pro|max|team|enterprise) plan\b"
    r"|\baws\b|bedrock|vertex|google cloud|gcloud|\bgcp\b|foundry|azure|\bproxy\b|certificate|\b(?:tls"
    r"|ssl|sso)\b"
    r"|billing|credit balance|access denied|unauthorized|forbidden",
    re.IGNORECASE,
)
_TROUBLE = re.compile(
    r"n't\b|could not|cannot|\bfail|\berror|expire|invalid|\bnot\b|denied|refus|reject|requir|\bmust\b"
    r"|missing"
    r"|unable|please|\brun \W?(?:/|claude|aws|gcloud)|revoked|disabled|timed out|unavailable|no longer"
    r"|\bneeds?\b"
    r"|on hold|conflict|blocked|ended|\block|past due|unset",
    re.IGNORECASE,
)
#: Code, a log's line, a schema's description, or words for the model: nobody sees them as a message.
_UNSEEN = re.compile(
    r"=>|\bfunction\b|^\s*[\[{<#|*@/-]|\n\s*[-*#|]|```|&&|\|\||^\w+\(|^[\w.]+[:=]…|\w=…|</|\bschema\b"
    r"|\bthe (?:user|person|model|agent)\b|\b[Uu]ser's\b|your reply|this tool|tool call"
    r"|\bDo not retry\b|^When true"
    r"|^Optional|^If (?:true|unset|your hooks)|^Whether|^Do not |section headings|generation finished"
    r"|uncommitted|self-heals|^It looks like|"
    r"^How (?:long|many)|^[a-z][\w-]*(?:\.[\w-]+|\[\])*:? |^[a-z][\w.-]*$|^\W*$"
)


def is_message(literal: str) -> bool:
    """Whether a person can see it, and it is about what this program is about."""
    if not 14 <= len(literal) <= 400 or literal.count("\n") > 3 or _UNSEEN.search(literal):
        return False
    words = re.findall(r"[a-zA-Z][a-z']+", literal)
    readable = len(words) >= 3 and sum(map(len, words)) / len(literal) > 0.55
    return readable and bool(_TOPIC.search(literal)) and bool(_TROUBLE.search(literal))


def messages(client: Path) -> set[str]:
    return {literal for source in sources(client) for literal in literals(source) if is_message(literal)}


# ── the record ───────────────────────────────────────────────────────────────────────────────────

#: Why a message is not ours; the first whose words it has is what `--write` gives it.
REASONS: dict[str, str] = {
    "telemetry": r"telemetry|metrics|analytics|otel|tracing",
    "updates": r"\bupdate\b|upgrade|new version|release|installer",
    "another-product": r"github|\bgit\b|slack|chrome|azure|msal|marketplace|runner|agent proxy"
    r"|identity provider|idp\b"
    r"|postgres|desktop|design|\bide\b|oidc|entra|broker|systemd",
    "tool-use": r"artifact|\bwatch|subscription:|hook|plugin|mod\b|mods\b|skill|sandbox|\btask|memory"
    r"|publish|pull"
    r" request|workflow|connector|\bgoal|monitor|review|model|cloud session|session",
    "interface": r"",
}
#: A message with one of these words is about a credential, so it has a cause or a family.
OURS_ALWAYS = re.compile(r"/login|credential|apiKeyHelper|keychain|token expired", re.IGNORECASE)


def digest(message: str) -> str:
    return hashlib.sha256(message.encode()).hexdigest()[:12]


def answer(message: str) -> str | None:
    """The cause, or the family, that the message is told under where Claude Code's name stands before it."""
    from claude_auth.diagnose.texts import classify

    found = classify(f"Claude Code: {message}")
    if found.matches:
        return f"cause {found.matches[0].cause}"
    family = found.parsed.family
    return None if family is None else f"family {family.who} {family.what}"


def reason(message: str) -> str:
    return next(name for name, words in REASONS.items() if re.search(words, message, re.IGNORECASE))


def missing(found: set[str], record: dict[str, str]) -> Iterator[str]:
    """What is wrong with a record: a line each, by the hash; the words are printed nowhere else."""
    for message in sorted(found):
        told, now = record.get(digest(message)), answer(message)
        if told is None:
            yield f"{digest(message)} is not in the record: {message}"
        elif now is None and told not in REASONS:
            yield f"{digest(message)} is told no more, the record says {told}: {message}"
        elif told in REASONS and OURS_ALWAYS.search(message):
            yield f"{digest(message)} is ours, whatever the reason ({told}): {message}"


def written(found: set[str], record: dict[str, str]) -> dict[str, str]:
    """The record of these messages: what is told now, else the reason that was given, else a first one."""
    kept = {digest(message): answer(message) or record.get(digest(message)) for message in found}
    return {
        digest(message): told if (told := kept[digest(message)]) else reason(message) for message in found
    }


def counts(record: dict[str, str]) -> Counter[str]:
    return Counter(told.split()[0] for told in record.values())


def read_record() -> dict[str, Any]:
    content: dict[str, Any] = json.loads(RECORD.read_text(encoding="utf-8")) if RECORD.exists() else {}
    return content or {"client": None, "messages": {}}


def main(arguments: list[str]) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("client", nargs="?", type=Path, default=INSTALLED)
    parser.add_argument("--write", metavar="VERSION", help="write the record anew, for this version")
    given = parser.parse_args(arguments)
    content = read_record()
    found = messages(given.client)
    if given.write:
        told = written(found, content["messages"])
        content = {"client": given.write, "messages": dict(sorted(told.items()))}
        RECORD.write_text(json.dumps(content, indent=0) + "\n", encoding="utf-8")
    wrong = list(missing(found, content["messages"]))
    print(*wrong, sep="\n", file=sys.stderr)
    print(f"{len(found)} messages:", dict(counts(content["messages"])))
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
