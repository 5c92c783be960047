"""The program behind `stand_in.install`: nothing but the standard library, so that it starts at once.

What it prints was seen from the real client, 2.1.328 and 2.1.332; its script is described in `stand_in`.
"""

from __future__ import annotations

import base64
import contextlib
import json
import os
import secrets
import select
import sys
import threading
import time
import urllib.parse
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PROMPT = "Paste code here if prompted > "
_SCOPES = "org:create_api_key user:profile user:inference user:sessions:claude_code user:mcp_servers"
_EIGHT_HOURS, _THIRTY_DAYS = 8 * 3600, 30 * 86400


def made_up_token(kind: str) -> str:
    """`oat01`, `ort01` or `api03`: shaped like a real one, good for nothing."""
    return f"sk-ant-{kind}-" + "standIn" + base64.urlsafe_b64encode(secrets.token_bytes(48)).decode()


class StandIn:
    def __init__(self, script: dict[str, Any]) -> None:
        self.script = script
        home = Path(os.environ["HOME"])
        moved = os.environ.get("CLAUDE_CONFIG_DIR")
        self.config = Path(moved) if moved else home / ".claude"
        self.state = (self.config if moved else home) / ".claude.json"
        self.credentials = self.config / ".credentials.json"

    def note(self, what: str, **more: object) -> None:
        if diary := self.script.get("diary"):
            line = json.dumps({"at": time.time(), "pid": os.getpid(), "what": what, **more})
            with open(diary, "a") as file:
                file.write(line + "\n")

    def part(self, name: str) -> dict[str, Any]:
        return dict(self.script.get(name, {}))

    # ── files and locks ──────────────────────────────────────────────────────────────────────────

    @contextlib.contextmanager
    def locked(self, *paths: Path) -> Iterator[bool]:
        """Whether all were taken. They are touched while held, and removed in the end."""
        taken: list[Path] = []
        stop = threading.Event()
        try:
            for path in paths:
                if not self._take(path):
                    break
                taken.append(path)
            if len(taken) == len(paths):
                self.note("locked")
                threading.Thread(target=self._beat, args=(taken, stop), daemon=True).start()
            yield len(taken) == len(paths)
        finally:
            stop.set()
            for path in reversed(taken):
                with contextlib.suppress(OSError):
                    path.rmdir()
            self.note("unlocked")

    def _take(self, path: Path) -> bool:
        until = time.monotonic() + float(self.script.get("lock_wait", 31))
        while True:
            try:
                path.mkdir()
                ahead = time.time() + float(self.script.get("ahead", 0))
                os.utime(path, (ahead, ahead))
            except FileExistsError:
                with contextlib.suppress(OSError):
                    if time.time() - path.stat().st_mtime > float(self.script.get("stale", 120)):
                        path.rmdir()
                        continue
                if time.monotonic() > until:
                    return False
                time.sleep(0.05)
            else:
                return True

    def _beat(self, paths: list[Path], stop: threading.Event) -> None:
        while not stop.wait(float(self.script.get("beat", 5))):
            for path in paths:
                with contextlib.suppress(OSError):
                    os.utime(path)

    def refresh_locks(self) -> tuple[Path, Path]:
        self.config.mkdir(parents=True, exist_ok=True)
        return self.config / ".oauth_refresh.lock", Path(f"{self.config}.lock")

    def read(self, path: Path) -> dict[str, Any]:
        try:
            found = json.loads(path.read_text())
        except (OSError, ValueError):
            return {}
        return found if isinstance(found, dict) else {}

    def write(self, path: Path, content: dict[str, Any]) -> None:
        with self.locked(self.config / ".storage-write.lock"):
            temporary = path.with_name(f"{path.name}.{os.getpid()}.tmp")
            descriptor = os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            with os.fdopen(descriptor, "w") as file:
                json.dump(content, file)
            os.replace(temporary, path)
        self.note("wrote", path=str(path))

    def save_login(self, scopes: str, console: bool, answer: dict[str, Any] | None = None) -> None:
        if console:
            self.write(self.state, {**self.read(self.state), "primaryApiKey": made_up_token("api03")})
            return
        now = time.time()
        grant = {
            "accessToken": (answer or {}).get("access_token") or made_up_token("oat01"),
            "refreshToken": (answer or {}).get("refresh_token") or made_up_token("ort01"),
            "expiresAt": int((now + float(self.script.get("lifetime", _EIGHT_HOURS))) * 1000),
            "refreshTokenExpiresAt": int((now + _THIRTY_DAYS) * 1000),
            "scopes": scopes.split(),
            "subscriptionType": "max",
            "rateLimitTier": "default_claude_max_5x",
        }
        self.write(self.credentials, {**self.read(self.credentials), "claudeAiOauth": grant})
        account = {"emailAddress": "ada@example.org", "organizationName": "Analytical Engines"}
        self.write(self.state, {**self.read(self.state), "oauthAccount": account})

    # ── commands ─────────────────────────────────────────────────────────────────────────────────

    def login(self, arguments: list[str]) -> int:
        part, console = self.part("login"), "--console" in arguments
        url = part.get("url") or self.url(_SCOPES, arguments)
        print("Opening browser to sign in…")
        lead = "If the browser didn't open, visit:"
        self.show_url(lead + ("\n" if self.prints_short_links() else " "), url, part)
        for line in part.get("say", []):
            print(line, flush=True)
        if not part.get("browser") and not self.ask_for_code(part):
            return 1
        print("Signing in…", flush=True)
        end = part.get("end", "success")
        if end == "crash":
            os.abort()
        with self.locked(*self.refresh_locks()):
            self.stand_still(part)
            if end == "success":
                self.save_login(_SCOPES, console)
        if end == "hang":
            self.note("hanging")
            time.sleep(3600)
        if end not in {"success", "no-change"}:
            print(f"Couldn't log in: {end}", flush=True)
            return 1
        print("Login successful.", flush=True)
        return 0

    def show_url(self, lead: str, url: str, part: dict[str, Any]) -> None:
        wrap, indent = int(part.get("wrap", 0)), " " * int(part.get("indent", 0))
        if not wrap:
            linked = part.get("link", True) and sys.stdout.isatty()
            print(
                lead + (f"\x1b]8;;{url}\x07\x1b[94m{url}\x1b[39m\x1b]8;;\x07" if linked else url), flush=True
            )
            return
        print(lead)
        width = wrap - len(indent)
        for start in range(0, len(url), width):
            print(indent + url[start : start + width], flush=True)

    def ask_for_code(self, part: dict[str, Any]) -> bool:
        wanted, waits = str(part.get("code", "good#code")), float(part.get("waits", 600))
        while True:
            sys.stdout.write(PROMPT)
            sys.stdout.flush()
            self.note("waits for a code")
            if not select.select([sys.stdin], [], [], waits)[0]:
                print("\nCouldn't log in: timeout of 15000ms exceeded", flush=True)
                return False
            line = sys.stdin.readline()
            if not line:
                return False
            typed = line.strip()
            if "#" not in typed:
                print("That doesn't look like the full code. Copy all of it, including the # in the middle.")
            elif typed != wanted:
                print("Signing in…")
                print("Couldn't log in: Request failed with status code 400", flush=True)
                return False
            else:
                return True

    def url(self, scopes: str, arguments: list[str]) -> str:
        console = "--console" in arguments
        challenge = base64.urlsafe_b64encode(secrets.token_bytes(32)).decode().rstrip("=")
        more = {}
        if "--email" in arguments:
            more["login_hint"] = arguments[arguments.index("--email") + 1]
        if "--sso" in arguments:
            more["login_method"] = "sso"
        if self.prints_short_links():
            number = "I" if scopes == "user:inference" else "T-" if console else "z-"
            origin = "https://platform.claude.com" if console else "https://claude.ai"
            rest = f"&{urllib.parse.urlencode(more)}" if more else ""
            return f"{origin}/oauth/authorize?{number}{challenge}{rest}"
        query = {
            "code": "true",
            "client_id": "00000000-0000-4000-8000-000000000000",
            "response_type": "code",
            "redirect_uri": "https://platform.claude.com/oauth/code/callback",
            "scope": scopes,
            "code_challenge": challenge,
            "code_challenge_method": "S256",
            "state": secrets.token_urlsafe(32),
            **more,
        }
        place = "platform.claude.com/oauth/authorize" if console else "claude.com/cai/oauth/authorize"
        return f"https://{place}?{urllib.parse.urlencode(query)}"

    def prints_short_links(self) -> bool:
        version = tuple(int(part) for part in self.script["version"].split("."))
        return version >= (2, 1, 332) and not os.environ.get("CLAUDE_CODE_FULL_SIGN_IN_LINK")

    def quietly(self, name: str) -> int:
        """`auth status`, `doctor`, `-p`: refreshes an expired login where the version does."""
        part, grant = self.part(name), self.read(self.credentials).get("claudeAiOauth") or {}
        time.sleep(float(part.get("wait", 0)))
        self.refresh(name, part, threading.Event())
        for line in part.get("say", []):
            print(line, flush=True)
        self.note("finished", name=name)
        logged_in = bool(grant.get("accessToken"))
        if name == "status":
            told = {"loggedIn": logged_in, "authMethod": "claude.ai" if logged_in else "none"}
            print(json.dumps(told, indent=2))
            return 0 if logged_in else 1
        if "say" not in part:
            print("Claude Code doctor" if name == "doctor" else "ok")
        return int(part.get("code", 0))

    def stream(self) -> int:
        """`-p --output-format stream-json`: the question is standard input, the answer lines of JSON."""
        part, question = self.part("print"), sys.stdin.read()
        self.note("asked", characters=len(question), cwd=os.getcwd())
        self.refresh("print", part, threading.Event())
        grant = self.read(self.credentials).get("claudeAiOauth") or {}
        self.say_json({"type": "system", "subtype": "init", "session_id": "made-up"})
        refused = part.get("refused")
        if not (grant.get("accessToken") or os.environ.get("CLAUDE_CODE_OAUTH_TOKEN")):
            refused = "Not logged in · Please run /login"
        for text in [refused] if refused else part.get("answer", ["Hello from Claude Code."]):
            message = {"role": "assistant", "content": [{"type": "text", "text": text}]}
            error = {"error": "authentication_failed"} if refused else {}
            self.say_json({"type": "assistant", "message": message, "session_id": "made-up", **error})
        if part.get("hangs"):
            self.note("hanging")
            time.sleep(3600)
        told = {"result": refused or "", "is_error": bool(refused), "total_cost_usd": 0.0}
        self.say_json({"type": "result", "subtype": "success", "session_id": "made-up", **told})
        self.note("finished", name="print")
        return 1 if refused else 0

    def say_json(self, line: dict[str, Any]) -> None:
        print(json.dumps(line), flush=True)

    def serve(self) -> int:
        """`mcp serve`: refreshes at its start, and ends with its standard input: what isn't saved then is
        lost, which is no kinder than any version that was seen."""
        part, input_ended = self.part("serve"), threading.Event()
        for line in part.get("say", []):
            print(line, flush=True)
        if part.get("ends"):
            return int(part.get("code", 0))
        time.sleep(float(part.get("wait", 0)))
        work = threading.Thread(target=self.refresh, args=("serve", part, input_ended))
        work.start()
        while os.read(0, 4096):
            pass
        self.note("input ended")
        input_ended.set()
        while part.get("lingers"):
            time.sleep(1)
        work.join()
        self.note("finished", name="serve")
        return int(part.get("code", 0))

    @contextlib.contextmanager
    def registered(self) -> Iterator[None]:
        """It is known by the register alone: for the process table it is Python (Linux)."""
        record = self.config / "sessions" / f"{os.getpid()}.json"
        record.parent.mkdir(parents=True, exist_ok=True)
        started = Path("/proc/self/stat").read_text().rpartition(")")[2].split()[19]
        told = {"version": self.script["version"], "kind": "interactive", "entrypoint": "cli"}
        record.write_text(json.dumps({"pid": os.getpid(), "procStart": started, "cwd": os.getcwd(), **told}))
        try:
            yield
        finally:
            record.unlink(missing_ok=True)

    def work(self) -> int:
        """Without a command: it refreshes in time, until its input ends."""
        part = self.part("work")
        while not select.select([sys.stdin], [], [], float(part.get("every", 1)))[0]:
            self.refresh("work", part, threading.Event())
        return 0

    def refresh(self, name: str, part: dict[str, Any], give_up: threading.Event) -> None:
        kept = self.read(self.credentials)
        grant = kept.get("claudeAiOauth") or {}
        waits = self.script["saved_up_to"].get(name)
        how = part.get("refresh", waits is not None)
        if not self.is_stale(grant) or not how:
            return
        with self.locked(*self.refresh_locks()) as taken:
            self.note("refreshing", name=name)
            self.stand_still(part)
            kept = self.read(self.credentials)
            grant = kept.get("claudeAiOauth") or {}
            if not taken or not self.is_stale(grant):  # another client was first
                return
            until = time.monotonic() + (float("inf") if waits is None else waits)
            url = self.script.get("token_url")
            answer = self.ask(url, grant, until, give_up) if url else self.pretend(part, until, give_up)
            if answer is None:
                self.note("lost")
            elif how == "wipe" or answer.get("error") == "invalid_grant":
                wiped = {**grant, "accessToken": "", "refreshToken": "", "expiresAt": 0}
                self.write(self.credentials, {**kept, "claudeAiOauth": wiped})
            elif "error" not in answer:
                self.save_login(" ".join(grant.get("scopes", _SCOPES.split())), console=False, answer=answer)

    def stand_still(self, part: dict[str, Any]) -> None:
        while (stuck := part.get("stuck")) and not os.path.exists(str(stuck)):
            time.sleep(0.02)

    def is_stale(self, grant: dict[str, Any]) -> bool:
        ends = grant.get("expiresAt", 0) / 1000
        return bool(grant.get("refreshToken")) and ends - time.time() < float(self.script["margin"])

    def pretend(self, part: dict[str, Any], until: float, give_up: threading.Event) -> dict[str, Any] | None:
        """An answer that comes when the script says; None where it isn't waited for so long."""
        comes = time.monotonic() + float(part.get("seconds", 0))
        gave_up = give_up.wait(max(0.0, min(comes, until) - time.monotonic()))
        return None if gave_up or comes > until else {}

    def ask(
        self, url: str, grant: dict[str, Any], until: float, give_up: threading.Event
    ) -> dict[str, Any] | None:
        """One refresh request; None where the answer isn't waited for."""
        import http.client

        place = urllib.parse.urlsplit(url)
        assert place.hostname == "127.0.0.1"
        body = json.dumps({"grant_type": "refresh_token", "refresh_token": grant["refreshToken"]})
        connection = http.client.HTTPConnection("127.0.0.1", place.port)
        try:
            connection.request("POST", place.path, body, {"Content-Type": "application/json"})
            self.note("sent")
            while not select.select([connection.sock], [], [], 0.02)[0]:
                if give_up.is_set() or time.monotonic() >= until:
                    return None
            answer = connection.getresponse()
            found = json.loads(answer.read())
        except (OSError, ValueError, http.client.HTTPException):
            return {"error": "no answer"}
        return found if isinstance(found, dict) else {"error": "no object"}

    def logout(self) -> int:
        end = self.part("logout").get("end", "success")
        if end not in {"success", "unconfirmed"}:
            print(f"Couldn't log out: {end}")
            return 1
        with self.locked(*self.refresh_locks()):
            self.credentials.unlink(missing_ok=True)  # with the grants of MCP servers in it
            state = self.read(self.state)
            if state:
                gone = {"oauthAccount", "primaryApiKey"}
                self.write(self.state, {name: value for name, value in state.items() if name not in gone})
        if end == "unconfirmed":
            print("Logged out on this computer, but Anthropic didn't confirm the login was revoked. It may")
            print("work until you revoke it at https://claude.ai/settings/claude-code")
        else:
            print("✔ Logged out from your Anthropic account.")
        return 0

    def setup_token(self) -> int:
        part = self.part("setup_token")
        print("This will guide you through long-lived (1-year) auth token setup for your Claude account.")
        url = part.get("url") or self.url("user:inference", [])
        self.show_url("Browser didn't open? Use the URL below to sign in\n", url, {"wrap": 80, **part})
        if not self.ask_for_code(part):
            return 1
        print("Long-lived authentication token created successfully!")
        print(made_up_token("oat01"))
        return 0


def main(arguments: list[str]) -> int:
    script = json.loads(Path(arguments[0]).read_text())
    stand_in, arguments = StandIn(script), arguments[1:]
    stand_in.note("started", arguments=arguments, terminal=sys.stdin.isatty())
    match arguments:
        case []:
            with stand_in.registered():
                return stand_in.work()
        case ["--version" | "-v"]:
            print(f"{script['version']} (Claude Code)")
            return 0
        case ["auth", "login", *rest]:
            return stand_in.login(rest)
        case ["auth", "status", *_]:
            return stand_in.quietly("status")
        case ["auth", "logout", *_]:
            return stand_in.logout()
        case ["doctor", *_]:
            return stand_in.quietly("doctor")
        case ["mcp", "serve"]:
            with stand_in.registered() if sys.platform == "linux" else contextlib.nullcontext():
                return stand_in.serve()
        case ["-p" | "--print", *rest] if "stream-json" in rest:
            return stand_in.stream()
        case ["-p" | "--print", *_]:
            return stand_in.quietly("print")
        case ["setup-token", *_]:
            return stand_in.setup_token()
    print(f"error: unknown command {' '.join(arguments[:1])!r}", file=sys.stderr)
    return 1


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
