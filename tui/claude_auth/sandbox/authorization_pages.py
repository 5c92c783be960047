"""The pages of the pretend authorization server: real HTML forms for a real browser."""

from __future__ import annotations

from html import escape

_STYLE = (
    "body{font:1rem/1.5 system-ui,sans-serif;max-width:26rem;margin:12vh auto;padding:0 1rem}"
    "label{display:block;margin:.8rem 0}input{width:100%;font:inherit;padding:.3rem;box-sizing:border-box}"
    "button{font:inherit;padding:.4rem 1.2rem;margin-right:.6rem}.note{color:#666}"
    "code{overflow-wrap:anywhere;user-select:all}"
)


def _page(title: str, body: str) -> bytes:
    return (
        f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{escape(title)}</title>'
        f"<style>{_STYLE}</style></head><body><h1>{escape(title)}</h1>{body}"
        '<p class="note">Sandbox: people, passwords and tokens here are made up.</p></body></html>\n'
    ).encode()


def login(ticket: str, *, wrong: bool = False) -> bytes:
    note = '<p id="wrong">This name and password don\'t belong together.</p>' if wrong else ""
    return _page(
        "Sign in",
        f'{note}<form method="post" action="/login">'
        f'<input type="hidden" name="ticket" value="{escape(ticket)}">'
        '<label>Name <input id="name" name="name" autocomplete="off" autofocus required></label>'
        '<label>Password <input id="password" name="password" type="password" required></label>'
        '<button id="sign-in">Sign in</button></form>',
    )


def consent(ticket: str, client_id: str, person: str, scopes: tuple[str, ...]) -> bytes:
    wishes = "".join(f"<li>{escape(scope)}</li>" for scope in scopes)
    return _page(
        "Allow access?",
        f"<p><b>{escape(client_id)}</b> would like to act for <b>{escape(person)}</b>:</p><ul>{wishes}</ul>"
        f'<form method="post" action="/consent"><input type="hidden" name="ticket" value="{escape(ticket)}">'
        '<button id="allow" name="decision" value="allow">Allow</button>'
        '<button id="deny" name="decision" value="deny">Deny</button></form>',
    )


def code(text: str) -> bytes:
    return _page(
        "Copy the code", f'<p>Paste it where you came from:</p><p><code id="code">{escape(text)}</code></p>'
    )


def problem(text: str) -> bytes:
    return _page("This can't work", f'<p id="problem">{escape(text)}</p>')
