"""Google Vertex AI and Microsoft Foundry, and the switches of all providers."""

from __future__ import annotations

from claude_auth.claude_code.destination import vertex_project
from claude_auth.claude_code.variables import PROVIDER_SWITCHES, switched_on
from claude_auth.diagnose.cause import RESTART, Answer, Cause, MachineRule, RuleMatch, act, google_sign_in
from claude_auth.diagnose.context import DiagnosisContext, joined, place_of
from claude_auth.model import Fix, Severity
from claude_auth.sources import label

_OFF = frozenset({"0", "false", "no", "off"})


def _provider_switch_ignored(s: DiagnosisContext) -> Answer:
    """A `CLAUDE_CODE_USE_…` variable with a value that neither switches on nor off."""
    if not s.view.client.providers:
        return None
    for found in s.filled(*PROVIDER_SWITCHES):
        text = found.value.reveal().strip().lower()
        if not switched_on(text) and text not in _OFF:
            fix = Fix("switch it on", f"export {found.name}=1")
            return RuleMatch(f"{found.name}: {place_of(found.origin)}", (fix,))
    return None


#: What only somebody who wants the provider sets.
_TELLING = {
    "CLAUDE_CODE_USE_FOUNDRY": ("ANTHROPIC_FOUNDRY_RESOURCE", "ANTHROPIC_FOUNDRY_API_KEY"),
    "CLAUDE_CODE_USE_VERTEX": ("ANTHROPIC_VERTEX_PROJECT_ID",),
    "CLAUDE_CODE_USE_BEDROCK": ("AWS_BEARER_TOKEN_BEDROCK", "ANTHROPIC_BEDROCK_BASE_URL"),
    "CLAUDE_CODE_USE_ANTHROPIC_AWS": ("ANTHROPIC_AWS_API_KEY", "ANTHROPIC_AWS_BASE_URL"),
    "CLAUDE_CODE_USE_ANTHROPIC_GOOGLE_CLOUD": (
        *("ANTHROPIC_GOOGLE_CLOUD_WORKSPACE_ID", "ANTHROPIC_GOOGLE_CLOUD_BASE_URL"),
    ),
    "CLAUDE_CODE_USE_MANTLE": ("ANTHROPIC_BEDROCK_MANTLE_BASE_URL",),
}


def _provider_not_switched_on(s: DiagnosisContext) -> Answer:
    """Variables of a cloud provider that nothing else reads, and no switch."""
    if not s.on_ladder or not s.view.client.providers:
        return None
    for switch, names in _TELLING.items():
        found = [name for name in names if s.view.secret(name) is not None]
        if found and s.view.assignment(switch) is None:
            fix = Fix("switch the provider on", f"export {switch}=1")
            return RuleMatch(f"{joined(found)} without {switch}", (fix,))
    return None


# ── Vertex ───────────────────────────────────────────────────────────────────────────────────────


def _vertex(s: DiagnosisContext) -> bool:
    return s.resolution.provider == "vertex"


def _google_file_not_found(s: DiagnosisContext) -> Answer:
    """`GOOGLE_APPLICATION_CREDENTIALS` names a file that can't be used. A note where Vertex is off.

    Where Vertex is on the finding about missing credentials tells it."""
    google = s.snapshot.google
    if google is None or google.damage is None or not google.explicit:
        return None
    if _vertex(s) and s.resolution.blocked is not None:
        return None
    found = s.view.assignment("GOOGLE_APPLICATION_CREDENTIALS")
    if found is None:
        return None
    tilde = found.value.reveal().startswith("~")
    why = "~ is a name here, not the home directory" if tilde else google.damage.text
    fix = Fix("write the whole path of the file, or take it away", "unset GOOGLE_APPLICATION_CREDENTIALS")
    severity: Severity | None = None if _vertex(s) else "info"
    return RuleMatch(f"{google.path}: {why}; {place_of(found.origin)}", (fix,), severity=severity)


def _vertex_project_overridden(s: DiagnosisContext) -> Answer:
    """Vertex, and `GCLOUD_PROJECT` or `GOOGLE_CLOUD_PROJECT` names another project than
    `ANTHROPIC_VERTEX_PROJECT_ID`."""
    meant, project = s.view.text("ANTHROPIC_VERTEX_PROJECT_ID"), vertex_project(s.view)
    if not _vertex(s) or not meant or project is None or project[0] == meant:
        return None
    found = s.view.assignment(project[1])
    where = "" if found is None else f": {place_of(found.origin)}"
    fix = Fix("take the other one away", f"unset {project[1]}")
    return RuleMatch(f"{project[1]}{where}", (fix,), "vertex")


def _vertex_project_default(s: DiagnosisContext) -> Answer:
    """Vertex, and no variable names the project."""
    google = s.snapshot.google
    if not _vertex(s) or s.resolution.blocked is not None or vertex_project(s.view) is not None:
        return None
    told = None if google is None else google.project or google.quota_project
    words = f"from the credentials: {told}" if told else "the credentials name none either"
    return RuleMatch(words, (Fix("name it", "export ANTHROPIC_VERTEX_PROJECT_ID=…"),), "vertex")


def _vertex_region_default(s: DiagnosisContext) -> Answer:
    """Vertex, and `CLOUD_ML_REGION` is not set."""
    if not _vertex(s) or s.view.text("CLOUD_ML_REGION"):
        return None
    return RuleMatch(
        "CLOUD_ML_REGION is not set", (Fix("name it", "export CLOUD_ML_REGION=global"),), "vertex"
    )


def _quota_project_missing(s: DiagnosisContext) -> Answer:
    """Vertex with a person's credentials that name no quota project."""
    google = s.snapshot.google
    if not _vertex(s) or google is None or google.damage is not None or google.kind != "user":
        return None
    if google.quota_project is not None:
        return None
    command = "gcloud auth application-default set-quota-project PROJECT"
    return RuleMatch(google.path, (Fix("name the project to count against", command),), "vertex")


_ADC = google_sign_in("make Application Default Credentials")


def _foundry(s: DiagnosisContext) -> Answer:
    if s.resolution.provider != "foundry":
        return None
    words = f"{label('foundry')} is on; {place_of(s.reading('foundry').origin)}"
    return RuleMatch(words, certainty="likely")


CAUSES: tuple[Cause, ...] = (
    Cause(
        "provider-switch-ignored",
        "A provider's switch does not switch it on",
        "Only 1, true, yes and on switch a provider on. With any other value Claude Code goes to Anthropic "
        "with the other credentials.",
        (104,),
        rule=MachineRule("warning", _provider_switch_ignored),
    ),
    Cause(
        "vertex-project-overridden",
        "Another variable overrides the Vertex project",
        "GCLOUD_PROJECT and GOOGLE_CLOUD_PROJECT come before ANTHROPIC_VERTEX_PROJECT_ID, and they name "
        "another project.",
        (110,),
        rule=MachineRule("warning", _vertex_project_overridden),
    ),
    Cause(
        "google-file-not-found",
        "GOOGLE_APPLICATION_CREDENTIALS names a file that can't be used",
        "Google's libraries take this file and no other where the variable is set.",
        (108,),
        rule=MachineRule("warning", _google_file_not_found),
    ),
    Cause(
        "provider-not-switched-on",
        "A cloud provider is configured and not switched on",
        "Its variables are set, but not the switch that makes Claude Code use it.",
        (104,),
        rule=MachineRule("info", _provider_not_switched_on, "likely"),
    ),
    Cause(
        "vertex-project-default",
        "No variable names the Google Cloud project",
        "The project is then taken from the credentials, which may be the one that pays for quota and not "
        "the one with the models.",
        (110,),
        rule=MachineRule("info", _vertex_project_default),
    ),
    Cause(
        "vertex-region-default",
        "No Vertex region is set",
        "Claude Code then asks in us-east5; other tools stop with 'No region was given'.",
        (110,),
        rule=MachineRule("info", _vertex_region_default),
    ),
    Cause(
        "quota-project-missing",
        "The Google credentials name no project for quota",
        "Credentials of a person need a project to count the use against; without one Google may answer "
        "'requires a quota project'.",
        (109,),
        rule=MachineRule("info", _quota_project_missing, "likely"),
        title_beside_text="No project to count the use against",
        beside_text="Credentials of a person need a quota project in which the API is enabled, and the right "
        "to use it.",
        fixes=(
            Fix("name one", "gcloud auth application-default set-quota-project PROJECT"),
            Fix("enable the API", "gcloud services enable aiplatform.googleapis.com --project PROJECT"),
        ),
        certainty="seen",
        phrases="""
            85 no-stranger: requires a quota project
            80 no-stranger: using local application default credentials; near: quota
            60 no-stranger: using end user credentials; near: quota googlecloudsdk
            80 no-stranger: has not been used in project … before or it is disabled;
                also: vertex-not-authorised; gap: 40
            60 no-stranger: service_disabled; near: googleapis aiplatform google
            45 ours: service_disabled; alone: 6
        """,
    ),
    Cause(
        "foundry-settings",
        "Microsoft Foundry is not set up completely",
        "It needs a resource or a base URL (one of them) and a key or a sign-in to Azure; a sign-in that "
        "has expired counts as none.",
        (104,),
        fixes=(
            Fix("sign in to Azure", "az login"),
            Fix("or set the key", 'export ANTHROPIC_FOUNDRY_API_KEY="…"'),
            Fix("name the resource", "export ANTHROPIC_FOUNDRY_RESOURCE=name"),
        ),
        seen_by="no-cloud-credential",
        here=_foundry,
        who="azure",
        provider="foundry",
        phrases=r"""
            94: microsoft foundry authentication failed, to the bare resource name, foundry key or token in
                use, refresh your foundry credential, azure ad token unavailable, azureadtokenprovider,
                foundry credentials expired
            94 no-stranger: invalid subscription key or wrong api endpoint
            75 ours: chainedtokencredential authentication failed, lacks the required data action, access
                token is missing invalid audience is incorrect, azureclicredential please run az login,
                azureclicredential azure cli could not be found
            75 no-stranger: api error aadsts
            85 no-stranger: could not load azure credentials, must provide one of the baseurl or resource
                arguments, baseurl and resource are mutually exclusive, pass one of apikey and
                azuretokenprovider
            80 no-stranger: failed to get token from azureadtokenprovider, anthropic_foundry_resource
                environment variable
            70 no-stranger: aadsts70043
            65 ours: the refresh token has expired; alone: 40; look: aadsts\d{5,7}: the refresh token
            65 no-stranger: expiredauthenticationtoken
            70 no-stranger: exited before logging in; unless: acpthread claudecodeacp
        """,
    ),
    Cause(
        "adc-missing",
        "Google's Application Default Credentials are missing",
        "`gcloud auth login` signs in the gcloud command alone. Programs use another file, which "
        "`application-default login` writes.",
        (105,),
        fixes=(_ADC,),
        certainty="seen",
        seen_by="no-cloud-credential",
        also="adc-file-invalid",
        phrases="""
            90 no-stranger: unable to find credentials in current environment, unable to detect a project id
                in the current environment
            94: no gcp credentials found, timed out resolving gcp credentials, timed out waiting for gcp
                credentials, failed to obtain a google access token, failed to acquire google oauth
                credentials, gcp credentials check timed out, gcp credentials check failed, no google cloud
                credentials
            85 no-stranger: could not load the default credentials, default credentials were not found
            75 no-stranger: could not automatically determine credentials
            70 no-stranger: could not load google cloud credentials
        """,
    ),
    Cause(
        "adc-reauth",
        "Google asks for a new sign-in",
        "The organisation limits how long a sign-in lasts. `gcloud auth list` still looks well; the "
        "application's credentials need a renewal.",
        (106,),
        fixes=(_ADC, google_sign_in("over SSH", " --no-launch-browser"), RESTART),
        certainty="seen",
        also="adc-kept-until-restart",
        phrases="""
            95 no-stranger: google cloud credentials … invalid_grant, gcp credentials … expired or been
                revoked, gcp credentials expired, google cloud credentials expired, google credentials have
                expired, google cloud credentials have expired, token has been expired or revoked;
                hides: adc-missing adc-file-invalid refused-before-expiry
            92 no-stranger: google cloud authentication failed; also: vertex-not-authorised
            60 ours: run gcloud auth application-default login; alone: 40
            88 no-stranger: invalid_rapt, rapt_required
            88 ours: request had invalid authentication credentials expected oauth 2 access token; alone: 40;
                hides: access-token-expired stored-login-rejected refused-before-expiry
            85 no-stranger: reauth related error
            70 no-stranger: reauthentication failed; also: none; near: applicationdefault gcloudauth
            65 ours: reauthentication is needed; also: none; alone: 60
        """,
    ),
    Cause(
        "adc-kept-until-restart",
        "The running Claude Code keeps the old Google credentials",
        "They are read at the start; after a new sign-in the session has to be started again.",
        (107,),
        fixes=(
            RESTART,
            act("run", "sign in for both at once", "gcp-refresh", "gcloud auth login --update-adc"),
        ),
        certainty="not-checkable",
    ),
    Cause(
        "adc-file-invalid",
        "The file in GOOGLE_APPLICATION_CREDENTIALS can't be used",
        "The path is wrong, holds an unexpanded `~`, or the file can't be read or is no credentials JSON.",
        (108,),
        fixes=(
            Fix("look at it", 'ls -l "$GOOGLE_APPLICATION_CREDENTIALS"'),
            Fix("or use your own sign-in", "unset GOOGLE_APPLICATION_CREDENTIALS"),
        ),
        seen_by="google-file-not-found no-cloud-credential",
        phrases="""
            94 no-stranger: service account credentials have been revoked
            70 ours: invalid jwt signature; alone: 40
            88: does not exist or it is not a file; also: adc-missing; near: googlecloud credential adc gcloud
            80 no-stranger: error the file at … does not exist or it is not a file; gap: 120
            85: google_application_credentials environment variable; near: unabletoread error invalid notfound
                doesnotexist enoent eacces
            60: google_application_credentials; near: unabletoread notavalid notfound doesnotexist enoent
                eacces nosuchfile; window: 120
            80 no-stranger: defaultcredentialserror file; near: wasnotfound isnotavalidjson
        """,
    ),
    Cause(
        "vertex-project-or-region-missing",
        "Vertex: the project or the region is missing",
        "Set both. Without a project the credentials' own may be taken, which can be the wrong one.",
        (110,),
        fixes=(
            Fix("set the region", "export CLOUD_ML_REGION=us-east5"),
            Fix("and the project", "export ANTHROPIC_VERTEX_PROJECT_ID=project"),
        ),
        certainty="seen",
        phrases="""
            94: couldnt find a gcp project, no project was given, no projectid was given and it could not
            85 no-stranger: no region was given, cloud_ml_region environment variable should be set, no
                projectid was given, no project_id was given
        """,
    ),
    Cause(
        "vertex-not-authorised",
        "Vertex denies the request or does not have the model there",
        "The role roles/aiplatform.user is missing, the API is off, the model was not enabled in the Model "
        "Garden, or it is not offered in this region.",
        (111,),
        fixes=(
            Fix("enable the API", "gcloud services enable aiplatform.googleapis.com"),
            Fix("enable the model in the Model Garden; try another region", "export CLOUD_ML_REGION=global"),
        ),
        certainty="seen",
        phrases="""
            94: permission denied calling vertex ai, vertex ai rejected it, lack the cloud-platform scope
            85 no-stranger: aiplatform.endpoints.predict; near: denied permission 403
            85 no-stranger: publisher model … was not found; gap: 200
            85 no-stranger: is not allowed to use publisher model
            75 ours: the caller does not have permission; alone: 40
            60 no-stranger: publisher model; near: notfound 404 doesnothaveaccess
        """,
    ),
)
