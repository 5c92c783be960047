"""Amazon and Google on loopback: single sign-on, STS, the metadata services, and Google's token endpoint.

Made-up keys and tokens only. For the demo and the tests; point the SDKs here with `environment`.
"""

from __future__ import annotations

import json
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qs, urlsplit
from xml.sax.saxutils import escape

from claude_auth.sandbox.loopback_server import AnsweringHandler, LoopbackServer

ACCOUNT = "123456789012"
_STS = "https://sts.amazonaws.com/doc/2011-06-15/"


@dataclass
class World:
    """What the stand-ins know and how they behave; tests turn it."""

    #: Access key id → ARN, for STS.
    keys: dict[str, str] = field(
        default_factory=lambda: {
            "ASIASSOSTANDIN000001": f"arn:aws:sts::{ACCOUNT}:assumed-role/Developer/person",
            "ASIACONTAINER0000001": f"arn:aws:sts::{ACCOUNT}:assumed-role/task/1",
            "ASIAINSTANCE00000001": f"arn:aws:sts::{ACCOUNT}:assumed-role/machine/i-1",
            "ASIAWEBIDENTITY00001": f"arn:aws:sts::{ACCOUNT}:assumed-role/pod/1",
            "ASIAEXPORTED00000001": f"arn:aws:sts::{ACCOUNT}:assumed-role/exported/x",
        }
    )
    #: Tokens of single sign-on that the portal takes, and refresh tokens that are good.
    sso_tokens: set[str] = field(default_factory=set)
    sso_refresh_tokens: set[str] = field(default_factory=set)
    web_identity_tokens: set[str] = field(default_factory=set)
    #: Polls that are answered "pending" before the person has confirmed the code.
    polls_before_confirmed: int = 1
    token_seconds: int = 3600
    #: Google's answer to a token request instead of a token.
    google_error: dict[str, str] | None = None
    google_project: str = "stand-in-project"
    google_email: str = "machine@stand-in-project.iam.gserviceaccount.com"
    #: Seconds to wait before any answer.
    delay: float = 0.0
    requests: list[tuple[str, str]] = field(default_factory=list)
    minted: int = 0


class CloudEndpoints(LoopbackServer):
    """`with CloudEndpoints() as cloud:` serves until the block ends."""

    def __init__(self) -> None:
        super().__init__(_Handler)
        self.world = World()

    def environment(self) -> dict[str, str]:
        """What leads the SDKs of both clouds here."""
        return {
            "AWS_ENDPOINT_URL_STS": self.url,
            "AWS_ENDPOINT_URL_SSO": self.url,
            "AWS_ENDPOINT_URL_SSO_OIDC": self.url,
            "AWS_EC2_METADATA_SERVICE_ENDPOINT": self.url,
            "GCE_METADATA_HOST": self.host,
            "GCE_METADATA_IP": self.host,
        }


class _Handler(AnsweringHandler):
    owner: CloudEndpoints
    protocol_version = "HTTP/1.1"

    @property
    def world(self) -> World:
        return self.owner.world

    def do_GET(self) -> None:
        parts, method = urlsplit(self.path), self.command
        body = self.rfile.read(int(self.headers.get("content-length") or 0))
        self.world.requests.append((method, parts.path))
        if self.world.delay:
            time.sleep(self.world.delay)
        if parts.path.startswith("/computeMetadata/"):
            self._google_metadata(parts.path)
        elif parts.path == "/google/token":
            self._google_token()
        elif parts.path.startswith("/latest/"):
            self._instance_metadata(method, parts.path)
        elif parts.path == "/container":
            self.answer_json(200, _keys_document("ASIACONTAINER0000001"))
        elif parts.path == "/federation/credentials":
            self._sso_portal()
        elif parts.path in {"/client/register", "/device_authorization", "/token"}:
            self._sso_oidc(parts.path, json.loads(body or b"{}"))
        elif method == "POST" and parts.path == "/":
            self._sts({name: values[0] for name, values in parse_qs(body.decode()).items()})
        else:
            self.answer_json(404, {"message": "no such path"})

    do_PUT = do_POST = do_GET

    def _minted(self, prefix: str) -> str:
        self.world.minted += 1
        return f"{prefix}-{self.world.minted:06d}"

    # ── Amazon ───────────────────────────────────────────────────────────────────────────────────

    def _sts(self, form: Mapping[str, str]) -> None:
        if form.get("Action") == "AssumeRoleWithWebIdentity":
            # The token is the credential: nothing is signed.
            self._web_identity(form.get("WebIdentityToken", ""))
            return
        credential = (self.headers.get("authorization") or "").partition("Credential=")[2]
        key = credential.partition("/")[0]
        arn = self.world.keys.get(key)
        if arn is None:
            self._refused("InvalidClientTokenId", "The security token included in the request is invalid.")
        elif form.get("Action") != "GetCallerIdentity":
            self._refused("InvalidAction", "the stand-in knows no such action")
        else:
            result = f"<Arn>{escape(arn)}</Arn><UserId>AIDASTANDIN</UserId><Account>{ACCOUNT}</Account>"
            self._answered("GetCallerIdentity", result)

    def _web_identity(self, token: str) -> None:
        if token not in self.world.web_identity_tokens:
            self._refused("InvalidIdentityToken", "No OpenIDConnect provider found in your account")
            return
        keys = _keys_document("ASIAWEBIDENTITY00001")
        keys["SessionToken"] = keys["Token"]
        tags = ("SessionToken", "AccessKeyId", "SecretAccessKey", "Expiration")
        credentials = "".join(f"<{tag}>{keys[tag]}</{tag}>" for tag in tags)
        self._answered("AssumeRoleWithWebIdentity", f"<Credentials>{credentials}</Credentials>")

    def _answered(self, action: str, result: str) -> None:
        self._xml(
            200,
            f'<{action}Response xmlns="{_STS}"><{action}Result>{result}</{action}Result>'
            f"<ResponseMetadata><RequestId>1</RequestId></ResponseMetadata></{action}Response>",
        )

    def _refused(self, code: str, message: str) -> None:
        error = f"<Type>Sender</Type><Code>{code}</Code><Message>{message}</Message>"
        self._xml(403, f'<ErrorResponse xmlns="{_STS}"><Error>{error}</Error></ErrorResponse>')

    def _xml(self, status: int, text: str) -> None:
        self.answer(status, text.encode(), "text/xml")

    def _sso_portal(self) -> None:
        token = self.headers.get("x-amz-sso_bearer_token") or ""
        if token not in self.world.sso_tokens:
            self.answer_json(
                401,
                {"message": "Session token not found or invalid"},
                {"x-amzn-ErrorType": "UnauthorizedException"},
            )
            return
        keys = _keys_document("ASIASSOSTANDIN000001")
        credentials = {
            "accessKeyId": keys["AccessKeyId"],
            "secretAccessKey": keys["SecretAccessKey"],
            "sessionToken": keys["Token"],
            "expiration": int((time.time() + 3600) * 1000),
        }
        self.answer_json(200, {"roleCredentials": credentials})

    def _sso_oidc(self, path: str, form: Mapping[str, Any]) -> None:
        if path == "/client/register":
            client = {"clientId": "stand-in", "clientSecret": self._minted("stand-in-client-secret")}
            self.answer_json(200, {**client, "clientSecretExpiresAt": int(time.time()) + 90 * 86400})
        elif path == "/device_authorization":
            page = "https://device.sso.eu-central-1.amazonaws.com/"
            self.answer_json(
                200,
                {
                    "deviceCode": self._minted("device"),
                    "userCode": "WXYZ-BCDF",
                    "verificationUri": page,
                    "verificationUriComplete": f"{page}?user_code=WXYZ-BCDF",
                    "expiresIn": 600,
                    "interval": 0,
                },
            )
        elif form.get("grantType") == "refresh_token":
            good = form.get("refreshToken") in self.world.sso_refresh_tokens
            self._sso_token() if good else self._sso_error("InvalidGrantException", "invalid_grant")
        elif self.world.polls_before_confirmed > 0:
            self.world.polls_before_confirmed -= 1
            self._sso_error("AuthorizationPendingException", "authorization_pending")
        else:
            self._sso_token()

    def _sso_token(self) -> None:
        token, refresh = self._minted("stand-in-sso-token"), self._minted("stand-in-sso-refresh")
        self.world.sso_tokens.add(token)
        self.world.sso_refresh_tokens.add(refresh)
        self.answer_json(
            200,
            {
                "accessToken": token,
                "refreshToken": refresh,
                "tokenType": "Bearer",
                "expiresIn": self.world.token_seconds,
            },
        )

    def _sso_error(self, kind: str, code: str) -> None:
        self.answer_json(400, {"error": code, "error_description": kind}, {"x-amzn-ErrorType": kind})

    def _instance_metadata(self, method: str, path: str) -> None:
        if method == "PUT":
            ttl = {"X-Aws-Ec2-Metadata-Token-Ttl-Seconds": "60"}
            self.answer(200, b"stand-in-imds-token", "text/plain", ttl)
        elif path.endswith("/security-credentials/"):
            self.answer(200, b"machine", "text/plain")
        elif path.endswith("/security-credentials/machine"):
            self.answer_json(200, {"Code": "Success", **_keys_document("ASIAINSTANCE00000001")})
        else:
            self.answer(404, b"", "text/plain")

    # ── Google ───────────────────────────────────────────────────────────────────────────────────

    def _google_token(self) -> None:
        if self.world.google_error is not None:
            self.answer_json(400, self.world.google_error)
            return
        token = self._minted("ya29.stand-in")
        self.answer_json(
            200, {"access_token": token, "expires_in": self.world.token_seconds, "token_type": "Bearer"}
        )

    def _google_metadata(self, path: str) -> None:
        world, place = self.world, path.removeprefix("/computeMetadata/v1").strip("/")
        flavour = {"Metadata-Flavor": "Google"}
        account = "instance/service-accounts/default"
        if world.google_error is not None and place == f"{account}/token":
            self.answer_json(404, world.google_error, flavour)
        elif place == f"{account}/token":
            token = self._minted("ya29.stand-in-metadata")
            answer = {"access_token": token, "expires_in": world.token_seconds, "token_type": "Bearer"}
            self.answer_json(200, answer, flavour)
        elif place == account:
            scopes = ["https://www.googleapis.com/auth/cloud-platform"]
            self.answer_json(
                200, {"email": world.google_email, "aliases": ["default"], "scopes": scopes}, flavour
            )
        else:
            texts = {
                f"{account}/email": world.google_email,
                "project/project-id": world.google_project,
                "universe/universe-domain": "googleapis.com",
                **dict.fromkeys(("", "instance"), ""),
            }
            status = 200 if place in texts else 404
            self.answer(status, texts.get(place, "").encode(), "application/text", flavour)


def _keys_document(access_key_id: str) -> dict[str, str]:
    ends = datetime.fromtimestamp(time.time() + 3600, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    return {
        "AccessKeyId": access_key_id,
        "SecretAccessKey": f"stand-in-secret-of-{access_key_id.lower()}",
        "Token": f"stand-in-session-of-{access_key_id.lower()}",
        "Expiration": ends,
        "LastUpdated": ends,
        "Type": "AWS-HMAC",
    }


#: `aws sso login` as far as a demo needs it: put into a file called `aws` in front of PATH. It asks the
#: endpoint that AWS_ENDPOINT_URL_SSO_OIDC names, and writes the cache that the SDKs read.
AWS_STAND_IN = r"""
import configparser, hashlib, json, os, pathlib, sys, time, urllib.error, urllib.request

BASE = os.environ["AWS_ENDPOINT_URL_SSO_OIDC"]
ARGUMENTS = sys.argv[1:]


def post(path, form):
    data = json.dumps(form).encode()
    request = urllib.request.Request(BASE + path, data, {"Content-Type": "application/json"})
    with urllib.request.build_opener(urllib.request.ProxyHandler({})).open(request, timeout=10) as answer:
        return json.load(answer)


def iso(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


if ARGUMENTS[:2] != ["sso", "login"]:
    sys.exit("this stand-in for aws knows only: aws sso login")
name = os.environ.get("AWS_PROFILE") or "default"
if "--profile" in ARGUMENTS:
    name = ARGUMENTS[ARGUMENTS.index("--profile") + 1]
config = configparser.ConfigParser(interpolation=None)
config.read(os.environ.get("AWS_CONFIG_FILE") or pathlib.Path.home() / ".aws" / "config")
profile = config["default" if name == "default" else "profile " + name]
session = profile.get("sso_session")
keys = config["sso-session " + session] if session else profile
client = post("/client/register", {"clientName": "stand-in", "clientType": "public"})
device = post("/device_authorization", {**client, "startUrl": keys["sso_start_url"]})
print("Browser will not be automatically opened.")
print("Please visit the following URL:\n\n" + device["verificationUri"] + "\n")
print("Then enter the code:\n\n" + device["userCode"] + "\n")
print("Or visit this one, which fills in the code:\n")
print(device["verificationUriComplete"] + "\n", flush=True)
while True:
    try:
        token = post("/token", {**client, "grantType": "device_code", "deviceCode": device["deviceCode"]})
        break
    except urllib.error.HTTPError as error:
        if json.load(error).get("error") != "authorization_pending":
            raise
        time.sleep(max(0.05, device["interval"]))
now = time.time()
written = {
    "startUrl": keys["sso_start_url"],
    "region": keys["sso_region"],
    "accessToken": token["accessToken"],
    "expiresAt": iso(now + token["expiresIn"]),
    "clientId": client["clientId"],
    "clientSecret": client["clientSecret"],
    "registrationExpiresAt": iso(client["clientSecretExpiresAt"]),
    "refreshToken": token["refreshToken"],
}
folder = pathlib.Path.home() / ".aws" / "sso" / "cache"
folder.mkdir(parents=True, exist_ok=True)
file = folder / (hashlib.sha1((session or keys["sso_start_url"]).encode()).hexdigest() + ".json")
file.write_text(json.dumps(written))
file.chmod(0o600)
print("Successfully logged into Start URL: " + keys["sso_start_url"])
"""
