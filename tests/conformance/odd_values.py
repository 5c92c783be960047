"""Values that people write without meaning to: odd white space, encodings, numbers, places and syntax.

Dimensions like those of mixtures.py, of which a mixture here takes one to three, beside ordinary values.
"""

from __future__ import annotations

import random
from collections.abc import Mapping
from typing import Any

from tests.conformance.layout import Case, situation
from tests.conformance.mixtures import (
    DIMENSIONS,
    KEY,
    LOCAL,
    MANAGED,
    ORGANIZATION,
    PROJECT,
    USER,
    Chosen,
    Part,
    at,
    env,
    login,
    profile,
    together,
)

_AWS = ".aws/credentials"
_BEDROCK = env(CLAUDE_CODE_USE_BEDROCK="1", AWS_REGION="eu-west-3")
_PAIR = "aws_access_key_id = AKIAFILE\naws_secret_access_key = s\n"


def raw(path: str, text: str) -> Part:
    return at(path, {"$text": text})


def grant(text: str) -> Part:
    """A login whose part behind the two tokens is this JSON."""
    tokens = '"accessToken": "sk-ant-oat01-ODD", "refreshToken": "sk-ant-ort01-ODD"'
    scopes = "" if '"scopes"' in text else ', "scopes": ["user:inference"]'
    return raw(".claude/.credentials.json", f'{{"claudeAiOauth": {{{tokens}{scopes}, {text}}}}}')


def aws(text: str, **variables: str) -> Part:
    return together(_BEDROCK, raw(_AWS, text), env(**variables))


def helper(command: str, path: str = USER) -> Part:
    return at(path, {"apiKeyHelper": command})


def odd_profile(name: str = "default", **token: Any) -> Part:
    return profile(name, **{"access_token": "sk-ant-oat01-ODDPROFILE", **token})


ODD: Mapping[str, Mapping[str, Part]] = {
    "settings text": {
        "CRLF": raw(USER, '{\r\n  "env": {\r\n    "ANTHROPIC_AUTH_TOKEN": "CRLFTOKEN"\r\n  }\r\n}\r\n'),
        "CR": raw(USER, '{\r"env": {"ANTHROPIC_AUTH_TOKEN": "CRTOKEN"}\r}\r'),
        "BOM and CRLF": raw(LOCAL, '\ufeff{"env": {"ANTHROPIC_AUTH_TOKEN": "BOMTOKEN"}}\r\n'),
        "env twice": raw(
            USER, '{"env": {"ANTHROPIC_AUTH_TOKEN": "FIRST"}, "env": {"ANTHROPIC_API_KEY": "SECOND"}}'
        ),
        "variable twice": raw(
            PROJECT, '{"env": {"ANTHROPIC_AUTH_TOKEN": "FIRST", "ANTHROPIC_AUTH_TOKEN": "SECOND"}}'
        ),
        "escaped names": raw(USER, '{"\\u0065nv": {"ANTHROPIC\\u005fAUTH_TOKEN": "ESC\\u0041PED"}}'),
        "names in other letters": raw(USER, '{"Env": {"ANTHROPIC_AUTH_TOKEN": "UPPER"}}'),
        "deep": raw(USER, '{"x": ' + "[" * 900 + "]" * 900 + ', "env": {"ANTHROPIC_AUTH_TOKEN": "DEEP"}}'),
        "number, flag and null": raw(
            USER, '{"env": {"ANTHROPIC_AUTH_TOKEN": 12345678901234567890, "X": true, "Y": null}}'
        ),
        "null": raw(USER, '{"env": {"ANTHROPIC_AUTH_TOKEN": null, "ANTHROPIC_API_KEY": "BESIDENULL"}}'),
        "list": raw(USER, '{"env": {"ANTHROPIC_AUTH_TOKEN": ["A"], "ANTHROPIC_API_KEY": "BESIDELIST"}}'),
        "blank name": raw(USER, '{"env": {"": "x", " ANTHROPIC_AUTH_TOKEN": "BLANKNAME"}}'),
        "name with an equals sign": raw(USER, '{"env": {"A=B": "x", "ANTHROPIC_AUTH_TOKEN": "EQUALS"}}'),
        "NUL in a value": raw(USER, '{"env": {"X": "a\\u0000b", "ANTHROPIC_AUTH_TOKEN": "BESIDENUL"}}'),
        "lone surrogate": raw(USER, '{"env": {"ANTHROPIC_AUTH_TOKEN": "A\\ud800B"}}'),
        "empty object": raw(USER, "{}"),
        "big": raw(USER, '{"x": "' + "y" * 300_000 + '", "env": {"ANTHROPIC_AUTH_TOKEN": "BIG"}}'),
        "link": {
            "files": {"elsewhere/s.json": {"env": {"ANTHROPIC_AUTH_TOKEN": "LINKED"}}},
            "symlinks": {USER: "$HOME/elsewhere/s.json"},
        },
        "link to nowhere": {"symlinks": {USER: "$HOME/nowhere.json"}},
        "link in a circle": {"symlinks": {USER: f"$HOME/{USER}"}},
        "directory": {"dirs": [USER]},
    },
    "layers": {
        "key in all": {
            "files": {
                USER: {"env": {"ANTHROPIC_API_KEY": "USERKEY"}},
                PROJECT: {"env": {"ANTHROPIC_API_KEY": "PROJECTKEY"}},
                LOCAL: {"env": {"ANTHROPIC_API_KEY": ""}},
                MANAGED: {"env": {"ANTHROPIC_API_KEY": "MANAGEDKEY"}},
            }
        },
        "cancelled by managed": {
            "files": {
                USER: {"env": {"ANTHROPIC_AUTH_TOKEN": "USERTOKEN"}},
                MANAGED: {"env": {"ANTHROPIC_AUTH_TOKEN": ""}},
            }
        },
        "two drop-ins": {
            "files": {
                "root/etc/claude-code/managed-settings.d/9-z.json": {"env": {"ANTHROPIC_AUTH_TOKEN": "NINE"}},
                "root/etc/claude-code/managed-settings.d/10-a.json": {"env": {"ANTHROPIC_AUTH_TOKEN": "TEN"}},
                MANAGED: {"env": {"ANTHROPIC_AUTH_TOKEN": "BASE"}},
            }
        },
        "drop-in in capitals": at(
            "root/etc/claude-code/managed-settings.d/A.JSON", {"env": {"ANTHROPIC_AUTH_TOKEN": "CAPITALS"}}
        ),
        "drop-in in a folder": at(
            "root/etc/claude-code/managed-settings.d/sub/a.json", {"env": {"ANTHROPIC_AUTH_TOKEN": "SUB"}}
        ),
        "flag over all": {
            "files": {
                "flag.json": {"env": {"ANTHROPIC_AUTH_TOKEN": "FLAG"}},
                LOCAL: {"env": {"ANTHROPIC_AUTH_TOKEN": "LOCALTOKEN"}},
            },
            "settings": "flag.json",
        },
        "flag cancels": {
            "files": {
                "flag.json": {"env": {"ANTHROPIC_AUTH_TOKEN": ""}, "apiKeyHelper": ""},
                USER: {"apiKeyHelper": "echo sk-ant-api03-HELPER"},
            },
            "env": {"ANTHROPIC_AUTH_TOKEN": "SHELLTOKEN"},
            "settings": "flag.json",
        },
        "flag with BOM": {
            **raw("flag.json", '\ufeff{"env": {"ANTHROPIC_AUTH_TOKEN": "FLAGBOM"}}'),
            "settings": "flag.json",
        },
        "flag by a link": {
            **at("real.json", {"env": {"ANTHROPIC_AUTH_TOKEN": "FLAGLINK"}}),
            "symlinks": {"flag.json": "$HOME/real.json"},
            "settings": "flag.json",
        },
        "flag names a helper": {
            **at("flag.json", {"apiKeyHelper": "echo sk-ant-api03-FLAGHELPER"}),
            "settings": "flag.json",
        },
        "helper null above": {
            "files": {USER: {"apiKeyHelper": "echo USERHELPER"}, LOCAL: {"apiKeyHelper": None}}
        },
        "helper in three": {
            "files": {
                USER: {"apiKeyHelper": "echo USERHELPER"},
                PROJECT: {"apiKeyHelper": "echo PROJECTHELPER"},
                MANAGED: {"apiKeyHelper": ""},
            }
        },
        "bedrock off above": {
            "files": {
                USER: {"env": {"CLAUDE_CODE_USE_BEDROCK": "1"}},
                LOCAL: {"env": {"CLAUDE_CODE_USE_BEDROCK": "0"}},
            }
        },
        "flags as JSON values": at(
            USER, {"env": {"CLAUDE_CODE_USE_BEDROCK": True, "AWS_BEARER_TOKEN_BEDROCK": 5}}
        ),
    },
    "config directory": {
        "slash at the end": {
            **env(CLAUDE_CONFIG_DIR="$HOME/cfg/"),
            **at("cfg/.credentials.json", login()["files"][".claude/.credentials.json"]),
        },
        "dots": {
            **env(CLAUDE_CONFIG_DIR="$HOME/./x/../cfg"),
            **at("cfg/.credentials.json", login()["files"][".claude/.credentials.json"]),
            "dirs": ["x"],
        },
        "relative": {
            **env(CLAUDE_CONFIG_DIR="cfg"),
            **at("proj/cfg/.credentials.json", login()["files"][".claude/.credentials.json"]),
            "state": ["proj/cfg/.claude.json"],
        },
        "tilde": {
            **env(CLAUDE_CONFIG_DIR="~/cfg"),
            **at("cfg/.credentials.json", login()["files"][".claude/.credentials.json"]),
            "state": ["proj/~/cfg/.claude.json", "cfg/.claude.json", ".claude.json"],
        },
        "blank": {
            **env(CLAUDE_CONFIG_DIR=" "),
            **at(".claude/.credentials.json", login()["files"][".claude/.credentials.json"]),
            "state": ["proj/ /.claude.json", ".claude.json"],
        },
        "a blank within": {
            **env(CLAUDE_CONFIG_DIR="$HOME/my cfg"),
            **at("my cfg/.credentials.json", login()["files"][".claude/.credentials.json"]),
            "state": ["my cfg/.claude.json"],
        },
        "a decomposed letter": {
            **env(CLAUDE_CONFIG_DIR="$HOME/cfge\u0301"),
            **at("cfg\u00e9/.credentials.json", login()["files"][".claude/.credentials.json"]),
            "state": ["cfg\u00e9/.claude.json", "cfge\u0301/.claude.json"],
        },
        "by a link": {
            **at("real/.credentials.json", login()["files"][".claude/.credentials.json"]),
            "symlinks": {".claude": "$HOME/real"},
        },
        "store elsewhere, slash": {
            **env(CLAUDE_SECURESTORAGE_CONFIG_DIR="$HOME/store/"),
            **at("store/.credentials.json", login()["files"][".claude/.credentials.json"]),
        },
        "store relative": {
            **env(CLAUDE_SECURESTORAGE_CONFIG_DIR="store"),
            **at("proj/store/.credentials.json", login()["files"][".claude/.credentials.json"]),
        },
        "in settings with a slash": {
            "files": {
                USER: {"env": {"CLAUDE_CONFIG_DIR": "$HOME/cfg2/"}},
                "cfg2/.credentials.json": login()["files"][".claude/.credentials.json"],
            }
        },
        "credentials by a link": {
            **at("vault/c.json", login()["files"][".claude/.credentials.json"]),
            "symlinks": {".claude/.credentials.json": "$HOME/vault/c.json"},
        },
    },
    "expiry": {
        "text": grant('"expiresAt": "9999999999999"'),
        "text with blanks": grant('"expiresAt": " 9999999999999 "'),
        "hexadecimal text": grant('"expiresAt": "0x10"'),
        "binary text": grant('"expiresAt": "0b1"'),
        "Arabic digits": grant('"expiresAt": "\u0661\u0662"'),
        "a word": grant('"expiresAt": "tomorrow"'),
        "ISO": grant('"expiresAt": "2020-01-01T00:00:00Z"'),
        "empty text": grant('"expiresAt": ""'),
        "Infinity": grant('"expiresAt": "Infinity"'),
        "infinity": grant('"expiresAt": "infinity"'),
        "huge": grant('"expiresAt": 1e300'),
        "beyond": grant('"expiresAt": 1e999'),
        "negative": grant('"expiresAt": -5'),
        "true": grant('"expiresAt": true'),
        "list of one": grant('"expiresAt": [9999999999999]'),
        "list of an old one": grant('"expiresAt": ["5"]'),
        "nested list": grant('"expiresAt": [[5]]'),
        "list of two": grant('"expiresAt": [5, 6]'),
        "object": grant('"expiresAt": {}'),
        "seconds": grant('"expiresAt": 1999999999'),
        "a fraction": grant('"expiresAt": 9999999999999.5'),
        "absent": grant('"x": 1'),
        "old, refresh blank": grant('"expiresAt": 5, "refreshToken": " "'),
        "old, refresh empty": grant('"expiresAt": 5, "refreshToken": ""'),
        "old, refresh a number": grant('"expiresAt": 5, "refreshToken": 7'),
        "old, deadline text": grant('"expiresAt": 5, "refreshTokenExpiresAt": "5"'),
        "old, deadline zero": grant('"expiresAt": 5, "refreshTokenExpiresAt": 0'),
        "old, deadline true": grant('"expiresAt": 5, "refreshTokenExpiresAt": true'),
        "old, deadline null": grant('"expiresAt": 5, "refreshTokenExpiresAt": null'),
        "live, deadline past": grant('"expiresAt": 9999999999999, "refreshTokenExpiresAt": 5'),
    },
    "login": {
        "scopes with commas": grant('"scopes": "user:inference,user:profile"'),
        "scope in capitals": grant('"scopes": ["User:Inference"]'),
        "scopes an object": grant('"scopes": {"0": "user:inference"}'),
        "scopes with others": grant('"scopes": [5, null, "user:inference"]'),
        "scope longer": grant('"scopes": ["user:inference:more"]'),
        "scope text longer": grant('"scopes": "xuser:inferencex"'),
        "scope blank around": grant('"scopes": [" user:inference "]'),
        "scopes nested": grant('"scopes": [["user:inference"]]'),
        "scopes null": grant('"scopes": null'),
        "scopes true": grant('"scopes": true'),
        "scopes empty text": grant('"scopes": ""'),
        "token blank around": grant('"accessToken": " sk-ant-oat01-PADDED ", "expiresAt": null'),
        "token with line break": grant('"accessToken": "sk-ant-oat01-A\\nB"'),
        "token a number": grant('"accessToken": 5'),
        "token null": grant('"accessToken": null'),
        "token an object": grant('"accessToken": {"a": 1}'),
        "token blank": grant('"accessToken": " "'),
        "token beyond Latin-1": grant('"accessToken": "sk-ant-oat01-\u2192"'),
        "plan a number": grant('"subscriptionType": 5'),
        "twice": raw(
            ".claude/.credentials.json",
            '{"claudeAiOauth": {"accessToken": "FIRST", "scopes": ["user:inference"]}, '
            '"claudeAiOauth": {"accessToken": "SECOND", "scopes": ["user:inference"]}}',
        ),
        "a list": raw(".claude/.credentials.json", "[]"),
        "a list inside": raw(".claude/.credentials.json", '{"claudeAiOauth": []}'),
        "text inside": raw(".claude/.credentials.json", '{"claudeAiOauth": "x"}'),
        "trailing comma": raw(
            ".claude/.credentials.json",
            '{"claudeAiOauth": {"accessToken": "T", "scopes": ["user:inference"],}}',
        ),
        "NUL at the end": raw(
            ".claude/.credentials.json",
            '{"claudeAiOauth": {"accessToken": "T", "scopes": ["user:inference"]}}\x00',
        ),
        "CRLF": raw(
            ".claude/.credentials.json",
            '{\r\n"claudeAiOauth": {\r\n"accessToken": "CRLFLOGIN", "scopes": ["user:inference"]}\r\n}\r\n',
        ),
        "not readable": {
            **login(),
            "files": {**login()["files"], "$chmod": {".claude/.credentials.json": 0}},
        },
        "from the SDK": raw(
            ".claude/.credentials.json", '{"access_token": "sk-ant-oat01-SNAKE", "scope": "user:inference"}'
        ),
    },
    "state": {
        "primary blank around": at(".claude.json", {"primaryApiKey": " sk-ant-api03-PRIMARY "}),
        "primary a number": at(".claude.json", {"primaryApiKey": 5}),
        "primary an object": at(".claude.json", {"primaryApiKey": {}}),
        "primary with line break": at(".claude.json", {"primaryApiKey": "A\nB"}),
        "primary empty": at(".claude.json", {"primaryApiKey": ""}),
        "env a list": at(".claude.json", {"env": ["ANTHROPIC_AUTH_TOKEN"]}),
        "env a number": at(".claude.json", {"env": {"ANTHROPIC_AUTH_TOKEN": 17}}),
        "approved a text": at(".claude.json", {"other": "x"}),
    },
    "profile": {
        "expiry as text": odd_profile(expires_at="4000000000"),
        "expiry in milliseconds": odd_profile(expires_at=4_000_000_000_000),
        "expiry negative": odd_profile(expires_at=-1),
        "expiry a fraction": odd_profile(expires_at=4_000_000_000.5),
        "expiry true": odd_profile(expires_at=True),
        "expiry zero": odd_profile(expires_at=0),
        "expiry in a minute": odd_profile(expires_at=1.0e300),
        "token blank around": odd_profile(access_token=" sk-ant-oat01-PAD "),
        "token a number": odd_profile(access_token=7),
        "no version": odd_profile(version=None),
        "version 2": odd_profile(version="2.0"),
        "type of another": odd_profile(type="api_key"),
        "name with blanks": together(odd_profile("work"), env(ANTHROPIC_PROFILE=" work ")),
        "name in capitals": together(odd_profile("work"), env(ANTHROPIC_PROFILE="Work")),
        "name with a dot": together(odd_profile("my.work"), env(ANTHROPIC_PROFILE="my.work")),
        "name with a slash": together(odd_profile("a/b"), env(ANTHROPIC_PROFILE="a/b")),
        "name upwards": together(odd_profile("work"), env(ANTHROPIC_PROFILE="../configs/work")),
        "active with CRLF": together(odd_profile("work"), raw(".config/anthropic/active_config", "work\r\n")),
        "active with BOM": together(
            odd_profile("work"), raw(".config/anthropic/active_config", "\ufeffwork")
        ),
        "active with two lines": together(
            odd_profile("work"), raw(".config/anthropic/active_config", "work\nother\n")
        ),
        "active empty": together(odd_profile("default"), raw(".config/anthropic/active_config", "")),
        "active missing": together(odd_profile("default"), raw(".config/anthropic/active_config", "gone")),
        "XDG relative": together(env(XDG_CONFIG_HOME="xdg"), odd_profile("default")),
        "XDG with a slash": {
            **env(XDG_CONFIG_HOME="$HOME/xdg/"),
            "files": {
                f"xdg/anthropic/{p.partition('anthropic/')[2]}": c for p, c in odd_profile()["files"].items()
            },
        },
        "directory elsewhere": {
            **env(ANTHROPIC_CONFIG_DIR="$HOME/anth/"),
            "files": {f"anth/{p.partition('anthropic/')[2]}": c for p, c in odd_profile()["files"].items()},
        },
        "directory by tilde": together(env(ANTHROPIC_CONFIG_DIR="~/.config/anthropic"), odd_profile()),
        "base URL in capitals": together(
            odd_profile(),
            at(".config/anthropic/configs/default.json", {"base_url": "HTTPS://Profile.Example.TEST:443/"}),
        ),
        "base URL empty": together(
            odd_profile(), at(".config/anthropic/configs/default.json", {"base_url": ""})
        ),
        "base URL a number": together(
            odd_profile(), at(".config/anthropic/configs/default.json", {"base_url": 5})
        ),
        "credentials elsewhere": together(
            odd_profile(),
            at(
                ".config/anthropic/configs/default.json",
                {"authentication": {"type": "user_oauth", "credentials_path": "$HOME/c.json"}},
            ),
            at("c.json", {"version": "1.0", "type": "oauth_token", "access_token": "sk-ant-oat01-ELSEWHERE"}),
        ),
        "credentials relative": together(
            odd_profile(),
            at(
                ".config/anthropic/configs/default.json",
                {"authentication": {"type": "user_oauth", "credentials_path": "c.json"}},
            ),
            at("proj/c.json", {"version": "1.0", "type": "oauth_token", "access_token": "sk-ant-oat01-REL"}),
        ),
        "credentials by tilde": together(
            odd_profile(),
            at(
                ".config/anthropic/configs/default.json",
                {"authentication": {"type": "user_oauth", "credentials_path": "~/c.json"}},
            ),
            at("c.json", {"version": "1.0", "type": "oauth_token", "access_token": "sk-ant-oat01-TILDE"}),
        ),
        "config with CRLF and BOM": together(
            odd_profile(),
            raw(
                ".config/anthropic/configs/default.json",
                '\ufeff{\r\n"authentication": {"type": "user_oauth"}}\r\n',
            ),
        ),
        "type in capitals": together(
            odd_profile(),
            at(".config/anthropic/configs/default.json", {"authentication": {"type": "USER_OAUTH"}}),
        ),
        "organisation missing": together(
            odd_profile(), at(".config/anthropic/configs/default.json", {"organization_id": None})
        ),
    },
    "federation": {
        "rule with blanks": env(
            ANTHROPIC_FEDERATION_RULE_ID=" fdrl_1 ",
            ANTHROPIC_ORGANIZATION_ID=ORGANIZATION,
            ANTHROPIC_IDENTITY_TOKEN="eyJ.eyJ.x",
        ),
        "token blank": env(
            ANTHROPIC_FEDERATION_RULE_ID="fdrl_1",
            ANTHROPIC_ORGANIZATION_ID=ORGANIZATION,
            ANTHROPIC_IDENTITY_TOKEN=" ",
        ),
        "file relative": together(
            env(
                ANTHROPIC_FEDERATION_RULE_ID="fdrl_1",
                ANTHROPIC_ORGANIZATION_ID=ORGANIZATION,
                ANTHROPIC_IDENTITY_TOKEN_FILE="token.jwt",
            ),
            raw("proj/token.jwt", "eyJ.eyJ.x\n"),
        ),
        "file missing beside a token": env(
            ANTHROPIC_FEDERATION_RULE_ID="fdrl_1",
            ANTHROPIC_ORGANIZATION_ID=ORGANIZATION,
            ANTHROPIC_IDENTITY_TOKEN_FILE="$HOME/gone.jwt",
            ANTHROPIC_IDENTITY_TOKEN="eyJ.eyJ.x",
        ),
        "blank organisation": env(
            ANTHROPIC_FEDERATION_RULE_ID="fdrl_1",
            ANTHROPIC_ORGANIZATION_ID=" ",
            ANTHROPIC_IDENTITY_TOKEN="eyJ.eyJ.x",
        ),
    },
    "start": {
        "desktop with blanks": env(CLAUDE_CODE_ENTRYPOINT=" claude-desktop "),
        "desktop in capitals": env(CLAUDE_CODE_ENTRYPOINT="Claude-Desktop"),
        "agent with a line break": env(CLAUDE_CODE_ENTRYPOINT="local-agent\n"),
        "others' desktop": env(CLAUDE_CODE_ENTRYPOINT="claude-desktop-3p"),
        "unknown": env(CLAUDE_CODE_ENTRYPOINT="zed"),
        "empty": env(CLAUDE_CODE_ENTRYPOINT=""),
        "remote yes": env(CLAUDE_CODE_REMOTE=" Yes "),
        "remote 2": env(CLAUDE_CODE_REMOTE="2"),
        "host on": env(CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST="on"),
        "host empty": env(CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST=""),
        "simple TRUE": env(CLAUDE_CODE_SIMPLE="TRUE"),
        "desktop and simple": env(CLAUDE_CODE_ENTRYPOINT="claude-desktop", CLAUDE_CODE_SIMPLE="1"),
        "desktop and remote and host": env(
            CLAUDE_CODE_ENTRYPOINT="claude-desktop",
            CLAUDE_CODE_REMOTE="1",
            CLAUDE_CODE_PROVIDER_MANAGED_BY_HOST="1",
        ),
    },
    "values": {
        "key padded by tabs": {**env(ANTHROPIC_API_KEY=f"\t{KEY}\r\n"), "approved": [KEY[-20:]]},
        "key short": {**env(ANTHROPIC_API_KEY="short"), "approved": ["short"]},
        "key of twenty": {**env(ANTHROPIC_API_KEY="A" * 20), "approved": ["A" * 20]},
        "key approved and rejected": {
            **env(ANTHROPIC_API_KEY=KEY),
            "approved": [KEY[-20:]],
            "rejected": [KEY[-20:]],
        },
        "token BOM": env(ANTHROPIC_AUTH_TOKEN="\ufeffBOMVALUE\ufeff"),
        "token vertical tab": env(ANTHROPIC_AUTH_TOKEN="\x0bVT\x0c"),
        "token NEL": env(ANTHROPIC_AUTH_TOKEN="\x85NEL"),
        "token separator": env(ANTHROPIC_AUTH_TOKEN="\x1cFS\x1f"),
        "token Mongolian": env(ANTHROPIC_AUTH_TOKEN="\u180eMVS"),
        "token line separator": env(ANTHROPIC_AUTH_TOKEN="\u2028LS\u2029"),
        "oauth with bearer": env(CLAUDE_CODE_OAUTH_TOKEN="Bearer sk-ant-oat01-X"),
        "oauth of tabs": env(CLAUDE_CODE_OAUTH_TOKEN="\t\t"),
        "oauth with DEL": env(CLAUDE_CODE_OAUTH_TOKEN="sk-ant-oat01-\x7f"),
        "key control": {**env(ANTHROPIC_API_KEY="sk\x01x"), "approved": ["sk\x01x"]},
        "descriptor text": {"fd": {"CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR": "  sk-ant-oat01-FD \r\n"}},
        "descriptor two lines": {"fd": {"CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR": "sk-ant-api03-A\nB"}},
        "descriptor empty": {"fd": {"CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR": ""}},
        "descriptor a word": env(CLAUDE_CODE_OAUTH_TOKEN_FILE_DESCRIPTOR="three"),
        "descriptor negative": env(CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR="-1"),
        "descriptor with letters": env(CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR="97abc"),
        "descriptor blank": env(CLAUDE_CODE_API_KEY_FILE_DESCRIPTOR=" "),
    },
    "helper": {
        "CRLF": helper("printf 'sk-ant-api03-H\\r\\n'"),
        "BOM": helper("printf '\\357\\273\\277sk-ant-api03-H'"),
        "NUL": helper("printf 'sk-ant-api03\\000H'"),
        "nothing but blanks": helper("echo '   '"),
        "long": helper("head -c 20000 /dev/zero | tr '\\000' k"),
        "slow": helper("sleep 2; echo sk-ant-api03-SLOW"),
        "by a relative path": {
            **together(helper("./key.sh"), raw("proj/key.sh", "#!/bin/sh\necho sk-ant-api03-REL\n")),
            "files": {
                USER: {"apiKeyHelper": "./key.sh"},
                "proj/key.sh": {"$text": "#!/bin/sh\necho sk-ant-api03-REL\n"},
                "$chmod": {"proj/key.sh": 0o700},
            },
        },
        "not executable": together(helper("$HOME/key.sh"), raw("key.sh", "#!/bin/sh\necho X\n")),
        "reads a variable": together(helper("echo sk-ant-api03-$TEAM"), at(LOCAL, {"env": {"TEAM": "blue"}})),
        "its own variable": together(helper("echo H-$ANTHROPIC_API_KEY"), env(ANTHROPIC_API_KEY="OUTER")),
        "two commands": helper("true\necho sk-ant-api03-SECONDLINE"),
        "comment": helper("echo sk-ant-api03-H # the key"),
        "in a subshell": helper("(echo sk-ant-api03-H)&"),
        "writes to both": helper("echo warning >&2; echo sk-ant-api03-H"),
        "killed": helper("kill -9 $$"),
        "bearer": helper("echo Bearer sk-ant-api03-H"),
        "oauth": helper("echo sk-ant-oat01-H"),
        "JSON": helper('echo \'{"key": "x"}\''),
        "prints HOME": helper("echo k-${HOME##*/} | cut -c1-2"),
        "ends with exit 0 inside": helper("echo sk-ant-api03-H; exit 0; echo more"),
        "escape at the end": helper("printf 'sk-ant-api03-H\\033[0m'"),
        "Latin-1": helper("printf 'sk-\\303\\251'"),
        "invalid UTF-8": helper("printf 'sk-\\351'"),
        "form feed": helper("printf '\\014sk-ant-api03-H\\014'"),
    },
    "base URL": {
        "blanks": env(ANTHROPIC_BASE_URL="  https://gw.example.test  "),
        "slashes at the end": env(ANTHROPIC_BASE_URL="https://gw.example.test///"),
        "dot at the end": env(ANTHROPIC_BASE_URL="https://gw.example.test./"),
        "double dots": env(ANTHROPIC_BASE_URL="https://gw.example.test/a/../b"),
        "user alone": env(ANTHROPIC_BASE_URL="https://me@gw.example.test"),
        "emoji": env(ANTHROPIC_BASE_URL="https://\U0001f600.example.test"),
        "capital sharp s": env(ANTHROPIC_BASE_URL="https://STRA\u1e9eE.example.test"),
        "Turkish": env(ANTHROPIC_BASE_URL="https://\u0130.example.test"),
        "full width": env(ANTHROPIC_BASE_URL="https://\uff47\uff57.example.test"),
        "octal": env(ANTHROPIC_BASE_URL="http://0177.0.0.01"),
        "port zero padded": env(ANTHROPIC_BASE_URL="https://gw.example.test:0443"),
        "port empty": env(ANTHROPIC_BASE_URL="https://gw.example.test:"),
        "IPv6": env(ANTHROPIC_BASE_URL="http://[2001:DB8:0:0:1:0:0:1]"),
        "IPv4 in IPv6": env(ANTHROPIC_BASE_URL="http://[::ffff:1.2.3.4]"),
        "question mark": env(ANTHROPIC_BASE_URL="https://gw.example.test?x=1"),
        "hyphens": env(ANTHROPIC_BASE_URL="https://xn--a.example.test"),
        "underscore": env(ANTHROPIC_BASE_URL="https://my_gw.example.test"),
        "long label": env(ANTHROPIC_BASE_URL="https://" + "a" * 70 + ".example.test"),
        "two at signs": env(ANTHROPIC_BASE_URL="https://a@b@gw.example.test"),
        "managed over project": {
            "files": {
                MANAGED: {"env": {"ANTHROPIC_BASE_URL": "https://managed.example.test"}},
                PROJECT: {"env": {"ANTHROPIC_BASE_URL": "https://project.example.test"}},
            }
        },
    },
    "custom headers": {
        "CRLF": env(ANTHROPIC_CUSTOM_HEADERS="x-team: a\r\nx-api-key: CRLFKEY\r\n"),
        "escaped line break": env(ANTHROPIC_CUSTOM_HEADERS="x-team: a\\nx-api-key: ESCKEY"),
        "CR alone": env(ANTHROPIC_CUSTOM_HEADERS="x-team: a\rx-api-key: CRKEY"),
        "empty key": env(ANTHROPIC_CUSTOM_HEADERS="X-Api-Key:"),
        "twice": env(ANTHROPIC_CUSTOM_HEADERS="x-api-key: ONE\nX-API-Key: TWO"),
        "basic": env(ANTHROPIC_CUSTOM_HEADERS="authorization: Basic dTpw"),
        "no blank": env(ANTHROPIC_CUSTOM_HEADERS="Authorization:Bearer NOBLANK"),
        "bearer in small letters": env(ANTHROPIC_CUSTOM_HEADERS="authorization: bearer small"),
        "blank before the colon": env(ANTHROPIC_CUSTOM_HEADERS="x-api-key : BEFORE"),
        "indented": env(ANTHROPIC_CUSTOM_HEADERS="   x-api-key:\tTAB   "),
        "JSON": env(ANTHROPIC_CUSTOM_HEADERS='{"x-api-key": "JSONKEY"}'),
        "comma": env(ANTHROPIC_CUSTOM_HEADERS="x-a: 1, x-api-key: COMMA"),
        "comment": env(ANTHROPIC_CUSTOM_HEADERS="# x-api-key: HASH"),
        "Latin-1": env(ANTHROPIC_CUSTOM_HEADERS="x-api-key: caf\u00e9"),
        "in settings with CRLF": at(USER, {"env": {"ANTHROPIC_CUSTOM_HEADERS": "x-api-key: A\r\nx-b: c"}}),
        "two bearers": env(ANTHROPIC_CUSTOM_HEADERS="Authorization: Bearer Bearer B"),
        "many blanks": env(ANTHROPIC_CUSTOM_HEADERS="Authorization:   Bearer    WIDE   "),
    },
    "AWS files": {
        "CRLF": aws(f"[default]\r\n{_PAIR}".replace("\n", "\r\n")),
        "BOM": aws(f"\ufeff[default]\n{_PAIR}"),
        "no line break at the end": aws(f"[default]\n{_PAIR}".rstrip()),
        "indented": aws("[default]\n  aws_access_key_id = AKIAIND\n  aws_secret_access_key = s\n"),
        "tabs": aws("[default]\naws_access_key_id\t=\tAKIATAB\naws_secret_access_key\t=\ts\n"),
        "capital names": aws("[default]\nAWS_ACCESS_KEY_ID = AKIACAP\nAWS_SECRET_ACCESS_KEY = s\n"),
        "quoted values": aws('[default]\naws_access_key_id = "AKIAQ"\naws_secret_access_key = "s"\n'),
        "equals in the secret": aws("[default]\naws_access_key_id=AKIAEQ\naws_secret_access_key=a=b==\n"),
        "hash glued": aws("[default]\naws_access_key_id=AKIA#H\naws_secret_access_key=s\n"),
        "hash apart": aws("[default]\naws_access_key_id=AKIAH #x\naws_secret_access_key=s ; y\n"),
        "heading with a comment": aws(f"[default] # mine\n{_PAIR}"),
        "heading without an end": aws(f"[default\n{_PAIR}"),
        "twice": aws(f"[default]\naws_access_key_id = AKIAONE\n[default]\n{_PAIR}"),
        "empty secret": aws("[default]\naws_access_key_id = AKIAE\naws_secret_access_key =\n"),
        "export lines": aws("export AWS_ACCESS_KEY_ID=AKIAEXPORT\nexport AWS_SECRET_ACCESS_KEY=s\n"),
        "colon": aws("[default]\naws_access_key_id: AKIAC\naws_secret_access_key: s\n"),
        "profile word in credentials": aws(f"[profile work]\n{_PAIR}", AWS_PROFILE="work"),
        "name quoted": aws(f'["work"]\n{_PAIR}', AWS_PROFILE="work"),
        "name in capitals": aws(f"[Work]\n{_PAIR}", AWS_PROFILE="work"),
        "name with signs": aws(f"[a.b/c@d+e%f]\n{_PAIR}", AWS_PROFILE="a.b/c@d+e%f"),
        "name not ASCII": aws(f"[b\u00fcro]\n{_PAIR}", AWS_PROFILE="b\u00fcro"),
        "default named": aws(
            f"[default]\n{_PAIR}",
            AWS_PROFILE="default",
            AWS_ACCESS_KEY_ID="AKIAENV",
            AWS_SECRET_ACCESS_KEY="s",
        ),
        "process": aws(
            '[default]\ncredential_process = echo \'{"Version":1,"AccessKeyId":"AKIAPROC",'
            '"SecretAccessKey":"s"}\'\n'
        ),
        "process beside keys": aws(f"[default]\ncredential_process = false\n{_PAIR}"),
        "role from environment": aws(
            "[default]\nrole_arn = arn:aws:iam::1:role/x\ncredential_source = Environment\n"
        ),
        "config alone, tilde": together(
            _BEDROCK, raw("a.cfg", f"[default]\n{_PAIR}"), env(AWS_CONFIG_FILE="~/a.cfg")
        ),
        "file elsewhere": together(
            _BEDROCK, raw("a.cred", f"[default]\n{_PAIR}"), env(AWS_SHARED_CREDENTIALS_FILE="$HOME/a.cred")
        ),
        "region of the profile": together(
            env(CLAUDE_CODE_USE_BEDROCK="1", AWS_PROFILE="work"),
            raw(_AWS, f"[work]\n{_PAIR}"),
            raw(".aws/config", "[profile work]\nregion = ap-south-2 # here\n"),
        ),
        "region odd": together(
            env(AWS_REGION=" EU-West-1 "), env(CLAUDE_CODE_USE_BEDROCK="1"), raw(_AWS, f"[default]\n{_PAIR}")
        ),
        "region a host": together(
            _BEDROCK, env(AWS_REGION="evil.example/"), raw(_AWS, f"[default]\n{_PAIR}")
        ),
        "nested": aws(f"[default]\ns3 =\n  aws_access_key_id = AKIANEST\n{_PAIR}"),
        "config default twice": together(
            _BEDROCK,
            raw(
                ".aws/config",
                "[default]\naws_access_key_id = AKIAD\naws_secret_access_key = s\n"
                f"[profile default]\n{_PAIR}",
            ),
        ),
    },
    "switch": {
        "Yes": env(CLAUDE_CODE_USE_BEDROCK=" Yes\n", AWS_BEARER_TOKEN_BEDROCK="BEDROCK"),
        "enabled": env(CLAUDE_CODE_USE_BEDROCK="enabled", AWS_BEARER_TOKEN_BEDROCK="BEDROCK"),
        "two": env(
            CLAUDE_CODE_USE_BEDROCK="1",
            CLAUDE_CODE_USE_FOUNDRY="1",
            ANTHROPIC_FOUNDRY_RESOURCE="res",
            ANTHROPIC_FOUNDRY_API_KEY="F",
            AWS_BEARER_TOKEN_BEDROCK="BEDROCK",
        ),
        "bedrock key padded": env(CLAUDE_CODE_USE_BEDROCK="1", AWS_BEARER_TOKEN_BEDROCK=" BEDROCK\n"),
        "bedrock key blank": env(CLAUDE_CODE_USE_BEDROCK="1", AWS_BEARER_TOKEN_BEDROCK=" "),
        "foundry in capitals": env(
            CLAUDE_CODE_USE_FOUNDRY="1", ANTHROPIC_FOUNDRY_RESOURCE="RES", ANTHROPIC_FOUNDRY_API_KEY=" F "
        ),
        "foundry resource a URL": env(
            CLAUDE_CODE_USE_FOUNDRY="1",
            ANTHROPIC_FOUNDRY_RESOURCE="https://res.services.ai.azure.com",
            ANTHROPIC_FOUNDRY_API_KEY="F",
        ),
        "foundry base": env(
            CLAUDE_CODE_USE_FOUNDRY="1",
            ANTHROPIC_FOUNDRY_BASE_URL="https://F.example.test/x/",
            ANTHROPIC_FOUNDRY_API_KEY="F",
        ),
        "vertex region in capitals": env(
            CLAUDE_CODE_USE_VERTEX="1",
            CLAUDE_CODE_SKIP_VERTEX_AUTH="1",
            ANTHROPIC_VERTEX_PROJECT_ID="p",
            CLOUD_ML_REGION="EUROPE-WEST1",
        ),
        "vertex global": env(
            CLAUDE_CODE_USE_VERTEX="1",
            CLAUDE_CODE_SKIP_VERTEX_AUTH="yes",
            ANTHROPIC_VERTEX_PROJECT_ID=" p ",
            CLOUD_ML_REGION=" global ",
        ),
        "vertex with a token": env(
            CLAUDE_CODE_USE_VERTEX="1",
            CLAUDE_CODE_SKIP_VERTEX_AUTH="1",
            ANTHROPIC_VERTEX_PROJECT_ID="p",
            ANTHROPIC_AUTH_TOKEN="VTOKEN",
        ),
        "mantle url": env(
            CLAUDE_CODE_USE_MANTLE="1",
            AWS_BEARER_TOKEN_BEDROCK="B",
            ANTHROPIC_BEDROCK_MANTLE_BASE_URL="https://m.example.test",
        ),
        "bedrock url": env(
            CLAUDE_CODE_USE_BEDROCK="1",
            AWS_BEARER_TOKEN_BEDROCK="B",
            ANTHROPIC_BEDROCK_BASE_URL=" https://B.example.test:8443/ ",
        ),
        "empty bedrock url": env(
            CLAUDE_CODE_USE_BEDROCK="1", AWS_BEARER_TOKEN_BEDROCK="B", ANTHROPIC_BEDROCK_BASE_URL=""
        ),
    },
}

#: What is put beside: values of every day.
_BESIDE = ("key", "oauth variable", "auth token", "login", "primary key", "helper")


def odd(seed: int, count: int) -> list[tuple[Chosen, Chosen]]:
    """`count` choices of one to three odd values, each with up to two ordinary ones."""
    chance = random.Random(seed)
    found: dict[str, tuple[Chosen, Chosen]] = {}
    while len(found) < count:
        names = chance.sample(list(ODD), chance.choice((1, 1, 2, 2, 3)))
        chosen = {name: chance.choice(list(ODD[name])) for name in names}
        ordinary = chance.sample(_BESIDE, chance.randint(0, 2))
        beside = {name: chance.choice(list(DIMENSIONS[name])[1:]) for name in ordinary if name not in chosen}
        if _fits(odd_mixture(chosen, beside)):
            found[odd_title(chosen, beside)] = (chosen, beside)
    return list(found.values())


def _fits(case: Case) -> bool:
    """Whether nothing is to lie where a link or a directory is to be."""
    taken = (*case.get("symlinks", ()), *case.get("dirs", ()))
    return not any(f"{path}/".startswith(f"{place}/") for path in case["files"] for place in taken)


def each_odd() -> list[tuple[Chosen, Chosen]]:
    """Every odd value once, alone."""
    return [({name: value}, {}) for name, values in ODD.items() for value in values]


def odd_title(chosen: Chosen, beside: Chosen) -> str:
    odd_ones = [f"{name}! {value}" for name, value in chosen.items()]
    return " + ".join([*odd_ones, *(f"{name}: {value}" for name, value in beside.items())])


def odd_mixture(chosen: Chosen, beside: Chosen) -> Case:
    whole = together(
        situation(),
        *(DIMENSIONS[name][value] for name, value in beside.items()),
        *(ODD[name][value] for name, value in chosen.items()),
    )
    return {**whole, "files": {path: _one_content(content) for path, content in whole["files"].items()}}


def _one_content(content: Any) -> Any:
    """A text stays a text, whatever else was to stand in that file."""
    is_text = isinstance(content, Mapping) and "$text" in content
    return {"$text": content["$text"]} if is_text else content
