"""What is wrong with a value itself."""

from __future__ import annotations

from claude_auth.diagnose.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "wrong-kind",
        "warning",
        "A credential of the wrong kind",
        "The prefix of the value says that it is another kind of credential than its place is for. Claude "
        "Code sends it as it is, and the server refuses it: an OAuth token as a plain Bearer or as a key "
        "gives 401 'OAuth authentication is currently not supported.' or 'invalid x-api-key'.",
        (1, 33, 89),
        removes=("source",),
    ),
    Entry(
        "bearer-twice",
        "warning",
        "The word Bearer is part of the token",
        "Claude Code writes the word Bearer itself. With 'Bearer' in the variable it goes out twice.",
        (8,),
    ),
    Entry(
        "quotes-in-value",
        "warning",
        "Quotes are part of the value",
        "The value begins and ends with a quotation mark, which is sent as part of it. Files read by docker "
        "--env-file and by systemd keep quotes as they are.",
        (37,),
    ),
    Entry(
        "stray-characters",
        "warning",
        "Invisible or foreign characters in a credential",
        "A line break, a zero-width character or another sign that no key contains came along when the "
        "value was copied or read from a file. Claude Code removes white space around a value; other "
        "programs send it or fail with 'Illegal header value'. What stands inside stays and the value is "
        "refused.",
        (18, 36),
    ),
    Entry(
        "foreign-credential",
        "warning",
        "A credential of another service goes to Anthropic",
        "The value does not look like anything that Anthropic issues, and no other host is set, so it is "
        "sent to api.anthropic.com and refused. It is often left over from a local model or a gateway.",
        (8, 27, 33),
        "likely",
        removes=("source",),
    ),
    Entry(
        "token-cut-off",
        "info",
        "The token looks cut off",
        "A token of `claude setup-token` is usually 108 characters long. A shorter one was probably cut "
        "where the terminal broke the line.",
        (18,),
        "likely",
    ),
)
