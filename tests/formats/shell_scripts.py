"""Start-up files as nobody writes them all at once: every construct that a line can stand in, at random. What
they run is harmless, ends by itself, and only sets variables and prints."""

from __future__ import annotations

from collections.abc import Callable
from random import Random
from typing import NamedTuple

NAME = "ANTHROPIC_API_KEY"
#: Where a command may stand; `line` is the assignment that is to be commented out.
_VALUES = ("made-up", "'made up; # no'", '"made up"', '"$HOME/x"', "a#b", "")
_LEADS = (f"export {NAME}=", f"{NAME}=", f"declare -x {NAME}=", f"typeset -gx {NAME}=")
_TAILS = ("", "", "", "  # mine", ";")


class Script(NamedTuple):
    """`line`: the number of the one that really sets the variable, `decoys` of those that only look so."""

    text: str
    line: int
    decoys: tuple[int, ...]


class _Writer:
    def __init__(self, random: Random) -> None:
        self.random = random
        self.count = 0

    def variable(self) -> str:
        self.count += 1
        return f"V{self.count}"

    # ── what stands between ──────────────────────────────────────────────────────────────────────

    def plain(self) -> list[str]:
        v, n = self.variable(), self.count
        here = "TARGET-DECOY"
        return list(
            self.random.choice(
                [
                    [f"{v}={n}"],
                    ["echo one  # don't \" ` $("],
                    ["# it's a comment \\"],
                    ["", "\t"],
                    [f"export {v}='a", "b'"],
                    [f"{v}=$'it\\'s'"],
                    [f"{v}=$'a\\\\'"],
                    [f'{v}="$(echo "a \'b\' )")"'],
                    [f'{v}="${{HOME:-"x y"}}"'],
                    [f'{v}=`echo "z"`'],
                    [f"{v}=$((1<<2)) # x"],
                    [f"(( {v}_n = 1 +", "  2 ))"],
                    [f"{v}=(a 'b c'", f"  {here}", "  $(echo d) # x'", ")"],
                    [f"{v}+=(", here, ")"],
                    ["cat <<EOF", here, "fi", "EOF"],
                    ["cat <<-'END OF'", f"\t{here}", "\tdone", "\tEND OF"],
                    ["cat <<A <<\\B", "x", "A", here, "B"],
                    [f"{v}=$(cat <<EOF", here, ")", "EOF", ")"],
                    [f"{v}='", here, "'"],
                    [f'{v}="', here, '"'],
                    ["echo two \\", f"  {here}-word"],
                    ["[[ -n a &&", here, "]] && echo test"],
                    [f"{v}=${{HOME##*/}}; {v}b=${{#HOME}}"],
                    ["case a# in", "'b') ;;", "(a#|c) echo in ;;", "esac"],
                    ["echo $# $$ >/dev/null 2>&1"],
                    ["cat <<< 'here'"],
                    [f"f{n}() {{ echo f; }}; f{n}"],
                    ["echo a | cat |& cat"],
                    [f"{v}=a\\ b\\'c"],
                    ["unset -v NOTHING 2>/dev/null || :"],
                ]
            )
        )

    def block(self, inner: list[str], depth: int) -> list[str]:
        """Something around `inner`, which is a list of commands that is run, or not."""
        pad = "  " * (depth % 2)
        body = [pad + line if self._may_move(inner) else line for line in inner]
        shapes: list[Callable[[], list[str]]] = [
            lambda: ["if", *body, "then", "echo yes", "fi"],
            lambda: ["if true; then", *body, "fi"],
            lambda: ["if false", "then :", "else", *body, "fi"],
            lambda: ["if false; then :; elif", *body, "then # why", "echo yes", "fi"],
            lambda: ["while", *body, "do", "break", "done"],
            lambda: ["until", *body, "do", "echo never", "break", "done"],
            lambda: ["for i in 1 2; do", *body, "done"],
            lambda: ["while true; do", *body, "break", "done"],
            lambda: ["{", *body, "}"],
            lambda: ["(", *body, ")"],
            lambda: ["true &&", *body],
            lambda: ["false ||", "", "# between", *body],
            lambda: ["echo in |", *body],
            lambda: ["echo in |&", *body],
            lambda: ["case a in", "a)", *body, ";;", "esac"],
            lambda: [f"g{depth}() {{", *body, "}", f"g{depth}"],
            lambda: [f"function h{depth} {{", *body, f"}}; h{depth}"],
            lambda: ["if true; then if true; then", *body, "fi; fi"],
        ]
        return self.random.choice(shapes)()

    @staticmethod
    def _may_move(lines: list[str]) -> bool:
        return len(lines) == 1

    def script(self) -> Script:
        random = self.random
        target = random.choice(_LEADS) + random.choice(_VALUES) + random.choice(_TAILS)
        inner = ["TARGET"]
        for depth in range(random.randrange(4)):
            before = [line for _ in range(random.randrange(2)) for line in self.plain()]
            after = [line for _ in range(random.randrange(2)) for line in self.plain()]
            inner = self.block([*before, *inner, *after], depth)
        before = [line for _ in range(random.randrange(4)) for line in self.plain()]
        after = [line for _ in range(random.randrange(3)) for line in self.plain()]
        lines = [*before, *inner, *after]
        place = next(n for n, line in enumerate(lines, 1) if line.strip() == "TARGET")
        decoys = tuple(n for n, line in enumerate(lines, 1) if "TARGET-DECOY" in line)
        text = "\n".join(
            line.replace("TARGET-DECOY", f"{NAME}=decoy").replace("TARGET", target) for line in lines
        )
        return Script(text + random.choice(("\n", "\n", "")), place, decoys)


def script(random: Random) -> Script:
    return _Writer(random).script()
