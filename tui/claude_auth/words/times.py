"""Moments, durations, and what the end of a token means."""

from __future__ import annotations

import math
import time

from claude_auth.model import Expiry, TokenSet
from claude_auth.words.glyphs import StatusText, TextStyle

MINUTE, HOUR, DAY = 60, 3600, 86400

#: A stored login's access token lasts about this long [behaviour.md section 3]; the bar is drawn against it.
ACCESS_TOKEN_LIFETIME = 8 * HOUR
LOGIN_LIFETIME = 30 * DAY


def span(seconds: float) -> str:
    """A length of time in at most two units: `5 h 12 min`, `1 day 3 h`, `1 min 45 s` under two minutes."""
    whole = int(max(0, seconds))
    if whole >= 1000 * DAY:
        return f"{min(whole // (365 * DAY), 9999)} years"
    if whole >= 2 * DAY:
        return f"{whole // DAY} days"
    if whole >= DAY:
        return f"1 day {(whole % DAY) // HOUR} h"
    if whole >= HOUR:
        return f"{whole // HOUR} h {(whole % HOUR) // MINUTE} min"
    if whole >= 2 * MINUTE:
        return f"{whole // MINUTE} min"
    if whole >= MINUTE:
        return f"1 min {whole % MINUTE} s"
    return f"{whole} s"


def rounded_span(seconds: float) -> str:
    """`8 h`: a lifetime, as people say it."""
    return span(round(seconds, -1)).removesuffix(" 0 min")


def duration(seconds: float) -> str:
    """How long something took: `0.4 s`."""
    return f"{seconds:.1f} s" if seconds < 10 else span(seconds)


def left(seconds: float) -> str:
    """`5 h 12 min left`, or `expired 2 days ago`."""
    return f"{span(seconds)} left" if seconds > 0 else f"expired {span(-seconds)} ago"


def ago(moment: float, now: float) -> str:
    return f"{span(now - moment)} ago" if moment <= now else "a time that has not come yet"


def next_change(seconds: float) -> float:
    """How long `left(seconds)` stays as it is: to the minute, and by the second in the last two minutes."""
    step = 1 if abs(seconds) < 2 * MINUTE else MINUTE if abs(seconds) < DAY else HOUR
    rest = seconds % step
    return rest if seconds > 0 or rest > 0 else float(step)


def clock(moment: float) -> str:
    return _local("%H:%M", moment)


def second(moment: float) -> str:
    """The clock to the second; every one as long as the next."""
    text = _local("%H:%M:%S", moment)
    return text if text != "?" else "?" * 8


def day(moment: float, now: float) -> str:
    """`14 Dec`, with the year where it isn't this one."""
    this_year = _local("%Y", moment) == _local("%Y", now)
    text = _local("%d %b" if this_year else "%d %b %Y", moment)
    return text.removeprefix("0")


def when(moment: float, now: float) -> str:
    """The clock for today, the day and the clock otherwise."""
    today = _local("%Y%j", moment) == _local("%Y%j", now)
    return clock(moment) if today else f"{day(moment, now)} {clock(moment)}".strip()


def log_time(moment: float, *, year: bool = False) -> str:
    """Day and second, for lines below one another; every one as long as the next."""
    text = _local("%Y-%m-%d %H:%M:%S" if year else "%m-%d %H:%M:%S", moment)
    return text if text != "?" else "?" * (19 if year else 14)


def weekday(moment: float) -> str:
    """`Friday 20 November 2026`."""
    return _local("%A %d %B %Y", moment).replace(" 0", " ")


def day_of(moment: float) -> tuple[float, float]:
    """The moments at which its day begins and ends here; of its own where no calendar holds it."""
    try:
        local = time.localtime(moment)
        begin, end = (
            (local.tm_year, local.tm_mon, local.tm_mday + more, 0, 0, 0, 0, 0, -1) for more in (0, 1)
        )
        return time.mktime(begin), time.mktime(end)
    except (OverflowError, ValueError, OSError):
        return moment, math.nextafter(moment, math.inf)


_AGO = r"(\d{1,6})\s*(s|m|min|h|d|w)(?: ago)?"
_CLOCK = r"(?:(today|yesterday) )?(\d{1,2}):(\d\d)(?::(\d\d))?"
_UNITS = {"s": 1, "m": MINUTE, "min": MINUTE, "h": HOUR, "d": DAY, "w": 7 * DAY}


def moment_of(text: str, now: float) -> float | None:
    """What a person means by a moment: a time ago, the clock when it last stood so, a day, a day and an hour;
    None for anything else."""
    import re
    from datetime import datetime

    text = " ".join(text.split())
    if (ago := re.fullmatch(_AGO, text)) is not None:
        return now - int(ago[1]) * _UNITS[ago[2]]
    today = day_of(now)[0]
    days = {"today": today, "yesterday": day_of(today - 1)[0]}
    if text in days:
        return days[text]
    if (found := re.fullmatch(_CLOCK, text)) is not None:
        moment = (
            days[found[1] or "today"] + int(found[2]) * HOUR + int(found[3]) * MINUTE + int(found[4] or 0)
        )
        return moment if found[1] or moment <= now else moment - DAY
    try:
        return datetime.fromisoformat(text).timestamp()
    except (ValueError, OverflowError, OSError):
        return None


def _local(pattern: str, moment: float) -> str:
    try:
        return time.strftime(pattern, time.localtime(moment))
    except (OverflowError, ValueError, OSError):  # a file said year 99999
        return "?"


def expiry_words(tokens: TokenSet, expiry: Expiry | None, now: float) -> StatusText:
    """How long the access token lasts and what that means."""
    if tokens.expires_at is None:
        return StatusText("·", "no expiry is noted", "dim")
    rest, is_noted = (
        tokens.expires_at - now,
        tokens.expires_at > 0,
    )  # Claude Code writes 0 where it clears one
    if expiry == "stale-refreshable":
        begin = f"{span(rest)} left" if rest > 0 else f"ended {span(-rest)} ago" if is_noted else "ended"
        return StatusText("↻", f"{begin}, renewed on next use: normal", "ok")
    if expiry == "expired":
        words = left(rest) if is_noted else "expired, since when is not noted"
        words = words if rest <= 0 else "the sign-in itself has ended: sign in again"
        return StatusText("✗", words, "fail")
    return StatusText("✓", left(rest), "ok" if rest > 10 * MINUTE else "warn")


def deadline_words(tokens: TokenSet, now: float) -> StatusText | None:
    """Until when the sign-in itself lasts, where the store says so."""
    deadline = tokens.login_deadline
    if deadline is None:
        return None
    rest = deadline - now
    if rest <= 0:
        return StatusText("✗", f"ended {day(deadline, now)}: sign in again", "fail")
    role: TextStyle = "ok" if rest > 3 * DAY else "warn"
    return StatusText("✓", f"lasts until {day(deadline, now)} ({span(rest)})", role)


def bar(rest: float, lifetime: float, cells: int) -> str:
    """How much of a lifetime is left, `cells` wide; something above nothing shows at least one cell."""
    share = min(1.0, max(0.0, rest / lifetime))
    full = min(cells, max(1, round(share * cells))) if share > 0 else 0
    return "█" * full + "░" * (cells - full)


def iso(seconds: float | None) -> str | None:
    """`2026-11-20T12:03:04Z`; None where there is no moment or no calendar holds it."""
    if seconds is None or not math.isfinite(seconds):
        return None
    try:
        moment = time.gmtime(seconds)
    except (ValueError, OverflowError, OSError):
        return None
    if not 0 < moment.tm_year < 10_000:
        return None
    return f"{moment.tm_year:04}{time.strftime('-%m-%dT%H:%M:%SZ', moment)}"
