"""One sign-in from the first event to the token set: the listener and the paste race into one answer.

    sign_in = SignIn(client, environ=os.environ)
    async for event in sign_in.events():
        ...  # `sign_in.url` is there from the event `signin.waiting` on; `sign_in.paste(text)` may be called
    sign_in.tokens or sign_in.failure

Saving the tokens is the caller's. Events hold no secret: neither the address, nor a code, nor a token.
"""

from __future__ import annotations

import asyncio
import os
import secrets
import time
from collections.abc import AsyncGenerator, Callable, Mapping
from functools import partial
from typing import Literal

from claude_auth.formats.outputs import SKEW_TOLD
from claude_auth.model import Event, Severity, TokenSet
from claude_auth.oauth import SAFE_TO_REPEAT, Failure, describe_skew, failure
from claude_auth.oauth.authorization import (
    OAuthClient,
    Randomness,
    authorize_url,
    complete,
    make_proof,
    make_state,
)
from claude_auth.oauth.callback import Callback, PasteProblem, problem, read_paste
from claude_auth.oauth.grants import Clock, clock_skew, exchange_request, read_token_response
from claude_auth.oauth.loopback import Listener
from claude_auth.oauth.pages import IGNORED
from claude_auth.oauth.refusals import authorization_error
from claude_auth.oauth.resources import NotBound, acquire_sign_in_lock, bind, port_holder, sign_in_lock_path
from claude_auth.oauth.transport import Send, send
from claude_auth.preferences import SIGN_IN_SECONDS
from claude_auth.security.sanitize import clean
from claude_auth.security.secret import Secret

Way = Literal["browser", "paste"]

#: People look for their password, their phone and their second factor.
PATIENCE_SECONDS = float(SIGN_IN_SECONDS)
MOST_EXCHANGES = 5
_MOST_IGNORED = 20


class SignIn:
    """One attempt; use it once. What lies outside is injected: `send`, `clock`, `randomness`, `environ`.

    `listen` False: by paste alone. `lock_path` None: no guard against a second sign-in.
    """

    def __init__(
        self,
        client: OAuthClient,
        *,
        environ: Mapping[str, str] = os.environ,
        send: Send = send,
        clock: Clock = time.time,
        randomness: Randomness = secrets.token_bytes,
        listen: bool = True,
        lock_path: str | None = "",
        patience: float = PATIENCE_SECONDS,
        port_holder: Callable[[int], str | None] = port_holder,
    ) -> None:
        self.client = client
        #: Where the browser goes; there from the event `signin.waiting` on.
        self.url: Secret | None = None
        #: The port that the browser comes back to, None where the answer has to be pasted.
        self.port: int | None = None
        self.tokens: TokenSet | None = None
        self.failure: Failure | None = None
        self._send = send
        self._clock = clock
        self._listen = listen
        self._lock_path = sign_in_lock_path(environ) if lock_path == "" else lock_path
        self._patience = patience
        self._port_holder = port_holder
        self._proof = make_proof(randomness)
        self._state = make_state(randomness)
        self._redirect_uri = client.redirect_uri
        self._events: asyncio.Queue[Event | None] = asyncio.Queue()
        self._answers: asyncio.Queue[tuple[Callback, Way]] = asyncio.Queue()
        self._takes_pastes = False
        self._used: set[str] = set()
        self._task: asyncio.Task[None] | None = None
        self._listener: Listener | None = None
        self._ignored = 0
        self._ending = False

    def __repr__(self) -> str:
        return f"<SignIn {'done' if self.tokens or self.failure else 'open'}>"

    # ── what the caller does ─────────────────────────────────────────────────────────────────────

    async def events(self) -> AsyncGenerator[Event]:
        """Runs the sign-in. Leaving early, or being cancelled, cancels it; nothing is left listening."""
        if self._task is not None:
            raise RuntimeError("a SignIn is used once")
        task = self._task = asyncio.create_task(self._run())
        task.add_done_callback(lambda _: self._events.put_nowait(None))
        try:
            while (event := await self._events.get()) is not None:
                yield event
        finally:
            self.cancel()
            await asyncio.gather(task, return_exceptions=True)
            if self.tokens is None and self.failure is None:  # cancelled before its first step
                self.failure = failure("cancelled")
        if not task.cancelled():
            task.result()

    def paste(self, text: str) -> PasteProblem | None:
        """Takes what was pasted; None where it goes on with it."""
        if not self._takes_pastes:
            return problem("over")
        read = read_paste(text, self._state)
        if isinstance(read, PasteProblem):
            self._tell("signin.paste-refused", read.text, "warning", reason=read.kind)
            return read
        if read.code is not None and read.code.fingerprint in self._used:
            return problem("used")
        self._takes_pastes = False  # an impatient second press must not use the code twice
        self._complete(read, "paste")
        return None

    def cancel(self) -> None:
        """Ends the sign-in at whatever step it is; the events end with `signin.cancelled`."""
        if self._task is not None and not self._ending:
            self._ending = True
            self._task.cancel()

    # ── the steps ────────────────────────────────────────────────────────────────────────────────

    async def _run(self) -> None:
        lock = acquire_sign_in_lock(self._lock_path) if self._lock_path is not None else None
        if isinstance(lock, Failure):
            await self._end(lock)
            return
        result: TokenSet | Failure = failure("unexpected", reason="the sign-in broke off")
        try:
            result = await self._steps()
        except asyncio.CancelledError:
            # Told as an event; whoever cancelled waits for the end of this task, not for its exception.
            result = failure("cancelled")
        finally:
            self._ending = True
            try:
                await self._end(result)
            finally:
                if lock is not None:
                    lock.close()

    async def _steps(self) -> TokenSet | Failure:
        self._tell("signin.started", "The sign-in has started.", client=clean(self.client.client_id, 80))
        if self.client.needs_discovery:
            self._tell("signin.discovering", "Asking the issuer for its addresses.")
        client = await complete(self.client, self._send)
        if isinstance(client, Failure):
            return client
        self.client = client
        await self._open_listener()
        self.url = authorize_url(
            client, state=self._state, challenge=self._proof.challenge, redirect_uri=self._redirect_uri
        )
        if self.port is None:
            text = "Open the address, allow access, then paste the code or the address of the last page."
        else:
            text = "Open the address and allow access; the browser brings the answer back, or paste it."
        self._takes_pastes = True
        self._tell("signin.waiting", text, port=self.port)
        try:
            return await self._wait_for_answers(asyncio.get_running_loop().time() + self._patience)
        except TimeoutError:
            return failure("waited-too-long", minutes=f"{max(1.0, self._patience / 60):.0f}")

    async def _open_listener(self) -> None:
        if not self._listen or not self.client.has_loopback_redirect:
            return
        bound = bind(self.client.redirect_uri)
        if isinstance(bound, NotBound) and bound.port:
            holder = await asyncio.to_thread(self._port_holder, bound.port) if bound.taken else None
            why = (
                f"taken by {holder or 'another program'}" if bound.taken else f"not to be had: {bound.reason}"
            )
            other = bind(self.client.redirect_uri, 0) if self.client.any_port else bound
            how = "paste" if isinstance(other, NotBound) else "another port"
            text = f"Port {bound.port} is {why}. It goes on with {how}."
            self._tell("signin.port-taken", text, "warning", port=bound.port, holder=holder)
            bound = other
        if isinstance(bound, NotBound):
            if not bound.port:
                text = f"This computer's loopback can't be listened on ({bound.reason}): paste the answer."
                self._tell("signin.no-listener", text, "warning")
            return
        self._listener = Listener(
            bound, self._state, on_answer=partial(self._complete, way="browser"), on_ignored=self._ignore
        )
        self._listener.start()
        self.port, self._redirect_uri = bound.port, bound.redirect_uri
        self._tell("signin.listening", f"Listening on port {bound.port} of this computer.", port=bound.port)

    async def _wait_for_answers(self, until: float) -> TokenSet | Failure:
        """Waits for the answer and exchanges it. A pasted code that the server doesn't know ends nothing:
        a wrong line was copied, and the right one is still good."""
        for attempts_left in reversed(range(MOST_EXCHANGES)):
            async with asyncio.timeout_at(until):
                callback, way = await self._answers.get()
            self._takes_pastes = False
            how = "from the browser" if way == "browser" else "by paste"
            self._tell("signin.answered", f"The answer has arrived {how}.", way=way)
            result = await self._judge(callback)
            if way == "browser" or not attempts_left or not isinstance(result, Failure):
                break
            if result.code != "code-expired":
                break
            text = f"{result.sentence} Paste it again, the whole line, or cancel and start anew."
            self._takes_pastes = True
            self._tell("signin.code-refused", text, "warning")
        return result

    async def _judge(self, callback: Callback) -> TokenSet | Failure:
        expected = self.client.issuer
        if (callback.issuer is not None and expected is not None and callback.issuer != expected) or (
            callback.issuer is None and self.client.names_issuer and callback.is_whole
        ):
            return failure("wrong-issuer")
        if callback.code is None:
            return authorization_error(callback.error or "", callback.description, (self._state,))
        if callback.code.fingerprint in self._used:
            return failure("code-expired")
        self._used.add(callback.code.fingerprint)
        return await self._exchange(callback.code)

    async def _exchange(self, code: Secret) -> TokenSet | Failure:
        request = exchange_request(
            self.client,
            code=code,
            state=self._state,
            verifier=self._proof.verifier,
            redirect_uri=self._redirect_uri,
        )
        self._tell("signin.exchanging", "Exchanging the code for a token.")
        answer = await self._send(request)
        if isinstance(answer, Failure) and answer.code in SAFE_TO_REPEAT:
            text = f"{answer.sentence} Nothing was sent, so it is tried once more."
            self._tell("signin.retrying", text, "warning", reason=answer.code)
            answer = await self._send(request)
        if isinstance(answer, Failure):
            return answer
        now = self._clock()
        skew = clock_skew(answer, now)
        if skew is not None and abs(skew) >= SKEW_TOLD:
            wrong = failure("clock", skew=describe_skew(skew))
            self._tell("signin.clock", wrong.sentence, "warning", seconds=round(skew))
        return read_token_response(self.client, answer, now=now, purpose="exchange", secrets=request.secrets)

    async def _end(self, result: TokenSet | Failure) -> None:
        if isinstance(result, TokenSet):
            self.tokens = result
        else:
            self.failure = result
        self._takes_pastes = False
        try:
            if self._listener is not None:
                cancelled = isinstance(result, Failure) and result.code == "cancelled"
                outcome = "success" if self.tokens else "over" if cancelled else "failure"
                await self._listener.close(outcome)
        finally:
            self._tell_end(result)

    def _tell_end(self, result: TokenSet | Failure) -> None:
        if isinstance(result, TokenSet):
            self._tell(
                "signin.succeeded",
                "The sign-in worked.",
                fingerprint=result.access_token.fingerprint,
                expires_at=result.expires_at,
                refreshable=result.is_refreshable,
                scopes=" ".join(result.scopes),
            )
        elif result.code == "cancelled":
            self._tell("signin.cancelled", str(result))
        else:
            self._tell("signin.failed", str(result), "error", reason=result.code, status=result.status)

    # ── small things ─────────────────────────────────────────────────────────────────────────────

    def _complete(self, callback: Callback, way: Way) -> None:
        """The one place where both ways end. The first answer counts; a later one only where the first was a
        mistaken paste."""
        self._answers.put_nowait((callback, way))

    def _ignore(self, reason: str) -> None:
        self._ignored += 1
        if self._ignored <= _MOST_IGNORED:
            self._tell("signin.ignored", IGNORED[reason].sentence, reason=reason)

    def _tell(
        self, kind: str, text: str, level: Severity = "info", **data: str | int | float | bool | None
    ) -> None:
        self._events.put_nowait(Event(self._clock(), kind, text, level, data=data))
