"""Parts I and J: Bedrock, Foundry and Vertex."""

from __future__ import annotations

from claude_auth.diagnose.texts.knowledge import Cause, Fix, Phrase

_WHO = Fix("see which identity is used", "aws sts get-caller-identity")
_SSO = Fix("sign in to AWS again", 'aws sso login --profile "$AWS_PROFILE"')
_RESTART = Fix("start claude anew: a running one keeps what it has read")
_ADC = Fix("make Application Default Credentials", "gcloud auth application-default login")

CAUSES: tuple[Cause, ...] = (
    Cause(
        "aws-sso-expired",
        (94,),
        "The AWS sign-in has expired",
        "The profile uses IAM Identity Center, whose session has ended. If signing in seems to do nothing, "
        "sign out first.",
        (_SSO, Fix("if that changes nothing", "aws sso logout"), _RESTART),
        "seen",
    ),
    Cause(
        "aws-token-expired",
        (95,),
        "The temporary AWS credentials have expired",
        "Either they were renewed but the running Claude Code keeps the old ones, or AWS_SESSION_TOKEN is "
        "set in the environment, where nothing ever renews it.",
        (
            _RESTART,
            Fix(
                "take fixed credentials away",
                "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
            ),
        ),
    ),
    Cause(
        "aws-token-invalid",
        (96,),
        "AWS does not know the credentials",
        "Values of another account, half of a set, or a temporary key (ASIA…) without its session token. "
        "Claude Code looks at AWS_PROFILE before the keys in the environment; the aws command the other way "
        "round, so the two may disagree.",
        (
            Fix("see where the values come from", "aws configure list"),
            _WHO,
            Fix("keep one of them", "unset AWS_PROFILE"),
        ),
        findings=("aws-profile-before-keys",),
    ),
    Cause(
        "aws-no-credentials",
        (97,),
        "No AWS credentials were found",
        "No profile, no keys in the environment, no role of the machine; or AWS_PROFILE names a profile that "
        "the files do not have.",
        (
            Fix(
                "see what a profile gives",
                'aws configure export-credentials --profile "$AWS_PROFILE" >/dev/null',
            ),
            Fix("name the profile", "export AWS_PROFILE=name"),
            _SSO,
        ),
        findings=("no-cloud-credential",),
    ),
    Cause(
        "aws-region-missing",
        (98,),
        "No AWS region is set",
        "Programs on the AWS SDK need AWS_REGION. Claude Code of the observed versions falls back to the "
        "profile's region and then to us-east-1; other tools stop.",
        (Fix("set it", "export AWS_REGION=us-east-1"),),
        "seen",
    ),
    Cause(
        "aws-not-authorised",
        (99,),
        "AWS denies the use of Bedrock",
        "The identity has no permission, or a policy of the organisation forbids the region. A cross-region "
        "inference profile may send the request to another region than yours.",
        (
            Fix(
                "allow bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream for it, in all regions "
                "of the profile"
            ),
            _WHO,
        ),
        "seen",
    ),
    Cause(
        "aws-model-access",
        (100,),
        "The model is not open for this AWS account or has to be asked for otherwise",
        "Access to each model is granted in the Bedrock console, and newer models are reached through an "
        "inference profile (us., eu., global.) and not by their plain id.",
        (
            Fix("list the inference profiles", 'aws bedrock list-inference-profiles --region "$AWS_REGION"'),
            Fix("use one", "export ANTHROPIC_MODEL=us.anthropic.claude-…"),
        ),
        "seen",
    ),
    Cause(
        "bedrock-key-refused",
        (101,),
        "The Bedrock API key is refused",
        "AWS_BEARER_TOKEN_BEDROCK comes before profiles and keys. It may be expired (short-term keys last "
        "hours) or be another kind of value; one older client did not send it at all.",
        (
            Fix("take it away to use the profile", "unset AWS_BEARER_TOKEN_BEDROCK"),
            Fix("or make a new key in the Bedrock console"),
            Fix("update Claude Code", "claude update"),
        ),
    ),
    Cause(
        "cloud-refresh-command-fails",
        (102,),
        "The configured AWS command gives something else than is expected",
        "awsCredentialExport must print the JSON of AWS STS and nothing else; awsAuthRefresh gets no input "
        "and is stopped after three minutes. Text meant for people does not belong into the first one's "
        "output.",
        (
            Fix(
                "run the command by hand and look at its output",
                "aws configure export-credentials >/dev/null",
            ),
            Fix(
                "put commands that talk into awsAuthRefresh, commands that print JSON into "
                "awsCredentialExport"
            ),
        ),
    ),
    Cause(
        "sso-login-over-ssh",
        (103,),
        "The AWS sign-in expects a browser on this machine",
        "Since version 2.22 the aws command sends the browser to a port of its own machine, which does not "
        "work over SSH.",
        (Fix("sign in with a code instead", "aws sso login --use-device-code --no-browser"),),
    ),
    Cause(
        "foundry-settings",
        (104,),
        "Microsoft Foundry is not set up completely",
        "It needs a resource or a base URL (one of them) and a key or a sign-in to Azure; a sign-in that has "
        "expired counts as none.",
        (
            Fix("sign in to Azure", "az login"),
            Fix("or set the key", 'export ANTHROPIC_FOUNDRY_API_KEY="…"'),
            Fix("name the resource", "export ANTHROPIC_FOUNDRY_RESOURCE=name"),
        ),
    ),
    Cause(
        "adc-missing",
        (105,),
        "Google's Application Default Credentials are missing",
        "`gcloud auth login` signs in the gcloud command alone. Programs use another file, which "
        "`application-default login` writes.",
        (_ADC,),
        "seen",
        findings=("no-cloud-credential",),
    ),
    Cause(
        "adc-reauth",
        (106,),
        "Google asks for a new sign-in",
        "The organisation limits how long a sign-in lasts. `gcloud auth list` still looks well; the "
        "application's credentials need a renewal.",
        (_ADC, Fix("over SSH", "gcloud auth application-default login --no-launch-browser"), _RESTART),
        "seen",
    ),
    Cause(
        "adc-kept-until-restart",
        (107,),
        "The running Claude Code keeps the old Google credentials",
        "They are read at the start; after a new sign-in the session has to be started again.",
        (_RESTART, Fix("sign in for both at once", "gcloud auth login --update-adc")),
        "not checkable here",
    ),
    Cause(
        "adc-file-invalid",
        (108,),
        "The file in GOOGLE_APPLICATION_CREDENTIALS can't be used",
        "The path is wrong, holds an unexpanded `~`, or the file can't be read or is no credentials JSON.",
        (
            Fix("look at it", 'ls -l "$GOOGLE_APPLICATION_CREDENTIALS"'),
            Fix("or use your own sign-in", "unset GOOGLE_APPLICATION_CREDENTIALS"),
        ),
        findings=("no-cloud-credential",),
    ),
    Cause(
        "quota-project-missing",
        (109,),
        "No project to count the use against",
        "Credentials of a person need a quota project in which the API is enabled, and the right to use it.",
        (
            Fix("name one", "gcloud auth application-default set-quota-project PROJECT"),
            Fix("enable the API", "gcloud services enable aiplatform.googleapis.com --project PROJECT"),
        ),
        "seen",
    ),
    Cause(
        "vertex-project-or-region-missing",
        (110,),
        "Vertex: the project or the region is missing",
        "Set both. Without a project the credentials' own may be taken, which can be the wrong one.",
        (
            Fix("set the region", "export CLOUD_ML_REGION=us-east5"),
            Fix("and the project", "export ANTHROPIC_VERTEX_PROJECT_ID=project"),
        ),
        "seen",
    ),
    Cause(
        "vertex-not-authorised",
        (111,),
        "Vertex denies the request or does not have the model there",
        "The role roles/aiplatform.user is missing, the API is off, the model was not enabled in the Model "
        "Garden, or it is not offered in this region.",
        (
            Fix("enable the API", "gcloud services enable aiplatform.googleapis.com"),
            Fix("enable the model in the Model Garden; try another region", "export CLOUD_ML_REGION=global"),
        ),
        "seen",
    ),
)

_NO_AWS = ("aws-no-credentials",)
_FOUNDRY = ("foundry-settings",)
_REFRESH = ("cloud-refresh-command-fails",)

PHRASES: tuple[Phrase, ...] = (
    Phrase("sso session associated with this profile has expired", ("aws-sso-expired",), 92),
    Phrase("aws sso login with the corresponding profile", ("aws-sso-expired",), 85),
    Phrase("sso session token associated with profile", ("aws-sso-expired",), 80),
    Phrase("retrieving token from sso token has expired", ("aws-sso-expired",), 80),
    Phrase("error loading sso token", ("aws-sso-expired",), 75, "no-stranger"),
    Phrase("unauthorizedssotokenerror", ("aws-sso-expired",), 80),
    Phrase("invalidgrantexception", ("aws-sso-expired",), 75, "no-stranger"),
    Phrase("token included in the request is expired", ("aws-token-expired",), 85, "no-stranger"),
    Phrase(
        "expiredtokenexception",
        ("aws-token-expired",),
        75,
        "ours",
        near=("bedrock", "sts", "apierror", "aws"),
        alone=10,
    ),
    Phrase("token included in the request is invalid", ("aws-token-invalid",), 85, "no-stranger"),
    Phrase("unrecognizedclientexception", ("aws-token-invalid",), 75, "ours", alone=10),
    Phrase("invalidclienttokenid", ("aws-token-invalid",), 70, "ours", alone=10),
    Phrase("both aws_profile and the pair aws_access_key_id", ("aws-token-invalid",), 50),
    Phrase("could not load credentials from any providers", _NO_AWS, 85),
    Phrase("could not load aws credentials", _NO_AWS, 85),
    Phrase("could not resolve credentials from session", _NO_AWS, 80),
    Phrase("failed to refresh cached credentials", _NO_AWS, 70, "ours", alone=0),
    Phrase("unable to locate credentials", _NO_AWS, 65, "ours", alone=50),
    Phrase("nocredentialserror", _NO_AWS, 65, "ours"),
    Phrase("the config profile … could not be found", _NO_AWS, 75, "ours", gap=60, alone=60),
    Phrase("could not be found or parsed in shared credentials file", _NO_AWS, 80),
    Phrase("could not resolve credentials using profile", _NO_AWS, 80, "no-stranger"),
    Phrase("aws region setting is missing", ("aws-region-missing",), 90),
    Phrase("region is missing", ("aws-region-missing",), 60, "ours", near=("bedrock", "aws"), alone=10),
    Phrase("you must specify a region", ("aws-region-missing",), 60, "ours", alone=10),
    Phrase("not authorized to perform bedrock", ("aws-not-authorised",), 90),
    Phrase("is not authorized to perform … bedrock", ("aws-not-authorised",), 85, gap=12),
    Phrase(
        "with an explicit deny in a",
        ("aws-not-authorised",),
        70,
        "no-stranger",
        unless=("s3", "ec2", "iamcreate", "lambda", "dynamodb", "sqs", "sns", "ecr", "secretsmanager", "ssm"),
        alone=60,
    ),
    Phrase("access to the model with the specified model id", ("aws-model-access",), 90),
    Phrase("on-demand throughput isnt supported", ("aws-model-access",), 90),
    Phrase("on-demand throughput is not supported", ("aws-model-access",), 90),
    Phrase("arn of an inference profile that contains this model", ("aws-model-access",), 85),
    Phrase("provided model identifier is invalid", ("aws-model-access",), 80),
    Phrase("model use case details have not been submitted", ("aws-model-access",), 85),
    Phrase("model access is denied due to", ("aws-model-access",), 80),
    Phrase("403 message authorization header is missing", ("bedrock-key-refused",), 85, "no-stranger"),
    Phrase("authorization header is missing", ("bedrock-key-refused",), 60, "ours", alone=8),
    Phrase("bearer token has expired", ("bedrock-key-refused",), 75, near=("bedrock",)),
    Phrase("must start with pre-defined prefix", ("bedrock-key-refused",), 90),
    Phrase(
        "invalid api key format", ("bedrock-key-refused",), 60, "ours", near=("predefinedprefix", "bedrock")
    ),
    Phrase(
        "api key was rejected",
        ("bedrock-key-refused",),
        70,
        near=("bedrock", "apikeywasrejected"),
        company="no-stranger",
    ),
    Phrase(
        "unexpected token … is not valid json",
        _REFRESH,
        60,
        look=r"unexpected token\W{1,4}a\W{1,6}attempting",
        gap=40,
    ),
    Phrase("attempting is not valid json", _REFRESH, 85),
    Phrase("aws credentials from awscredentialexport", _REFRESH, 88),
    Phrase("awscredentialexport did not return", _REFRESH, 85),
    Phrase("awsauthrefresh … timed out", _REFRESH, 85, gap=60),
    Phrase("running awsauthrefresh", _REFRESH, 80, near=("error", "failed", "timedout")),
    Phrase(
        "awsauthrefresh", _REFRESH, 60, near=("failed", "timeout", "timedout", "exited", "killed"), window=60
    ),
    Phrase(
        "127.0.0.1 … oauth/callback",
        ("sso-login-over-ssh", "callback-unreachable"),
        65,
        "no-stranger",
        look=r"127\.0\.0\.1:\d{4,5}/oauth/callback",
        near=(
            "unreachable",
            "refused",
            "cantbereached",
            "sso",
            "aws",
            "claude",
            "err",
            "unable",
            "timedout",
            "failed",
        ),
        gap=6,
        alone=20,
    ),
    Phrase(
        "127.0.0.1 … oauth/callback",
        ("sso-login-over-ssh", "callback-unreachable"),
        60,
        "ours",
        look=r"127\.0\.0\.1:\d{4,5}/oauth/callback",
        gap=6,
        alone=14,
    ),
    Phrase("could not load azure credentials", _FOUNDRY, 85),
    Phrase("failed to get token from azureadtokenprovider", _FOUNDRY, 80),
    Phrase("aadsts70043", _FOUNDRY, 70, "no-stranger"),
    Phrase("the refresh token has expired", _FOUNDRY, 65, "ours", look=r"aadsts\d{5,7}: the refresh token"),
    Phrase("expiredauthenticationtoken", _FOUNDRY, 65, "no-stranger"),
    Phrase("exited before logging in", _FOUNDRY, 70, "no-stranger"),
    Phrase("must provide one of the baseurl or resource arguments", _FOUNDRY, 85),
    Phrase("baseurl and resource are mutually exclusive", _FOUNDRY, 85),
    Phrase("pass one of apikey and azuretokenprovider", _FOUNDRY, 85),
    Phrase("anthropic_foundry_resource environment variable", _FOUNDRY, 80),
    Phrase("could not load the default credentials", ("adc-missing", "adc-file-invalid"), 85),
    Phrase("default credentials were not found", ("adc-missing", "adc-file-invalid"), 85),
    Phrase(
        "could not automatically determine credentials",
        ("adc-missing", "adc-file-invalid"),
        75,
        "no-stranger",
    ),
    Phrase("could not load google cloud credentials", ("adc-missing", "adc-file-invalid"), 70),
    Phrase("invalid_rapt", ("adc-reauth", "adc-kept-until-restart"), 88),
    Phrase("rapt_required", ("adc-reauth", "adc-kept-until-restart"), 88),
    Phrase("reauth related error", ("adc-reauth", "adc-kept-until-restart"), 85),
    Phrase("reauthentication failed", ("adc-reauth",), 70, near=("applicationdefault", "gcloudauth")),
    Phrase("reauthentication is needed", ("adc-reauth",), 65, "ours", alone=60),
    Phrase(
        "does not exist or it is not a file",
        ("adc-file-invalid", "adc-missing"),
        88,
        near=("googlecloud", "credential", "adc", "gcloud"),
    ),
    Phrase(
        "google_application_credentials environment variable",
        ("adc-file-invalid",),
        85,
        near=("unabletoread", "error", "invalid", "notfound", "doesnotexist", "enoent", "eacces"),
    ),
    Phrase(
        "google_application_credentials",
        ("adc-file-invalid",),
        60,
        near=("unabletoread", "notavalid", "notfound", "doesnotexist", "enoent", "eacces", "nosuchfile"),
        window=120,
    ),
    Phrase(
        "defaultcredentialserror file", ("adc-file-invalid",), 80, near=("wasnotfound", "isnotavalidjson")
    ),
    Phrase("requires a quota project", ("quota-project-missing",), 85),
    Phrase("using local application default credentials", ("quota-project-missing",), 80, near=("quota",)),
    Phrase("using end user credentials", ("quota-project-missing",), 60, near=("quota", "googlecloudsdk")),
    Phrase(
        "has not been used in project … before or it is disabled",
        ("quota-project-missing",),
        80,
        "no-stranger",
        gap=40,
    ),
    Phrase(
        "service_disabled",
        ("quota-project-missing",),
        60,
        "no-stranger",
        near=("googleapis", "aiplatform", "google"),
        alone=6,
    ),
    Phrase("service_disabled", ("quota-project-missing",), 45, "ours", alone=6),
    Phrase("no region was given", ("vertex-project-or-region-missing",), 85),
    Phrase("cloud_ml_region environment variable should be set", ("vertex-project-or-region-missing",), 85),
    Phrase("no projectid was given", ("vertex-project-or-region-missing",), 85),
    Phrase("no project_id was given", ("vertex-project-or-region-missing",), 85),
    Phrase(
        "aiplatform.endpoints.predict", ("vertex-not-authorised",), 85, near=("denied", "permission", "403")
    ),
    Phrase("publisher model … was not found", ("vertex-not-authorised",), 85, gap=200),
    Phrase("is not allowed to use publisher model", ("vertex-not-authorised",), 85),
    Phrase("publisher model", ("vertex-not-authorised",), 60, near=("notfound", "404", "doesnothaveaccess")),
)
