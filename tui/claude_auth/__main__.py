"""`python -m claude_auth`: the dashboard; with arguments, the command line."""

import sys


def main() -> None:
    if len(sys.argv) > 1:
        from claude_auth.cli import main as run
    else:
        from claude_auth.app import main as run
    sys.exit(run())


if __name__ == "__main__":
    main()
