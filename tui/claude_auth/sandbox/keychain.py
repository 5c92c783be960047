"""A stand-in for Apple's `security`: the exit codes, the output and the delays of `find-generic-password`, as
people have told them; items are made up. Every call is noted in `diary`, its arguments one a line."""

from __future__ import annotations

import shlex
from collections.abc import Mapping
from pathlib import Path
from typing import Literal

Answer = Literal["normal", "locked", "denied", "cancelled", "no-keychain", "hangs", "fails"]

_NOT_FOUND = "SecKeychainSearchCopyNext: The specified item could not be found in the keychain."
#: What the program says on standard error, and its exit code.
_REFUSALS: Mapping[Answer, tuple[str, int]] = {
    "locked": ("SecKeychainItemCopyContent: User interaction is not allowed.", 36),
    "denied": ("SecKeychainItemCopyContent: The user name or passphrase you entered is not correct.", 51),
    "cancelled": ("SecKeychainItemCopyContent: User canceled the operation.", 128),
    "no-keychain": ("SecKeychainSearchCopyNext: A default keychain could not be found.", 37),
    "fails": ("SecKeychainSearchCopyNext: UNIX[Input/output error]", 1),
}
_ATTRIBUTES = """keychain: "/Users/ada/Library/Keychains/login.keychain-db"
version: 512
class: "genp"
attributes:
    0x00000007 <blob>="{service}"
    "acct"<blob>="{account}"
    "svce"<blob>="{service}"
"""


def install(
    directory: Path,
    items: Mapping[tuple[str, str], str] | None = None,
    *,
    presence: Answer = "normal",
    value: Answer = "normal",
    seconds: float = 0.0,
) -> Path:
    """Writes `security` there; the path of the program. `items`: service and account → value. `presence` and
    `value`: what a call without and with `-w` comes to; `seconds`: how late it answers."""
    directory.mkdir(parents=True, exist_ok=True)
    cases = "".join(_case(service, account, text) for (service, account), text in (items or {}).items())
    script = f"""#!/bin/sh
{{ printf '%s\\n' "$@"; echo; }} >> {shlex.quote(str(directory / "diary"))}
sleep {seconds}
[ "$1" = find-generic-password ] || exit 2
shift
while [ $# -gt 0 ]; do
  case "$1" in
    -a) account=$2; shift 2 ;;
    -s) service=$2; shift 2 ;;
    -w) with_value=1; shift ;;
    *) exit 2 ;;
  esac
done
if [ -n "$with_value" ]; then
{_refusal(value)}
else
{_refusal(presence)}
fi
case "$service/$account" in
{cases}esac
echo {shlex.quote(f"security: {_NOT_FOUND}")} >&2
exit 44
"""
    program = directory / "security"
    program.write_text(script)
    program.chmod(0o700)
    return program


def _refusal(answer: Answer) -> str:
    if answer == "normal":
        return "  :"
    if answer == "hangs":
        return "  exec sleep 600"
    words, code = _REFUSALS[answer]
    return f"  echo {shlex.quote(f'security: {words}')} >&2; exit {code}"


def _case(service: str, account: str, value: str) -> str:
    """`-w` prints hex digits for what holds more than printable ASCII."""
    plain = value.isascii() and value.isprintable()
    printed = value if plain else value.encode("utf-8", "surrogateescape").hex()
    told = _ATTRIBUTES.format(service=service, account=account)
    return f"""  {shlex.quote(f"{service}/{account}")})
    if [ -n "$with_value" ]; then printf '%s\\n' {shlex.quote(printed)}
    else printf '%s' {shlex.quote(told)}; fi
    exit 0 ;;
"""
