"""Amazon Bedrock: what AWS and Claude Code say about it."""

from __future__ import annotations

from claude_auth.diagnose.cause import UPDATE, Cause, Wording
from claude_auth.diagnose.causes.places import browser_is_elsewhere
from claude_auth.model import Fix

SSO_SIGN_IN = Fix("sign in to AWS again", 'aws sso login --profile "$AWS_PROFILE"')


RESTART = Fix("start claude anew: a running one keeps what it has read")


_WHO = Fix("see which identity is used", "aws sts get-caller-identity")


_CALLBACK = r"127\.0\.0\.1:\d{4,5}/oauth/callback"


CAUSES: tuple[Cause, ...] = (
    Cause(
        "aws-token-expired",
        "The temporary AWS credentials have expired",
        "Either they were renewed but the running Claude Code keeps the old ones, or AWS_SESSION_TOKEN is "
        "set in the environment, where nothing ever renews it.",
        (95,),
        fixes=(
            RESTART,
            Fix(
                "take fixed credentials away",
                "unset AWS_ACCESS_KEY_ID AWS_SECRET_ACCESS_KEY AWS_SESSION_TOKEN",
            ),
        ),
        phrases=(
            Wording("token included in the request is expired", 85, "no-stranger"),
            Wording("expiredtokenexception", 75, "ours", near="bedrock sts apierror aws", alone=10),
        ),
    ),
    Cause(
        "aws-token-invalid",
        "AWS does not know the credentials",
        "Values of another account, half of a set, or a temporary key (ASIA…) without its session token. "
        "Claude Code looks at AWS_PROFILE before the keys in the environment; the aws command the other "
        "way round, so the two may disagree.",
        (96,),
        fixes=(
            Fix("see where the values come from", "aws configure list"),
            _WHO,
            Fix("keep one of them", "unset AWS_PROFILE"),
        ),
        seen_by="aws-profile-before-keys",
        phrases=(
            Wording("token included in the request is invalid", 85, "no-stranger"),
            Wording("unrecognizedclientexception", 75, "ours", alone=10),
            Wording("invalidclienttokenid", 70, "ours", alone=10),
            Wording("both aws_profile and the pair aws_access_key_id", 50),
        ),
    ),
    Cause(
        "aws-no-credentials",
        "No AWS credentials were found",
        "No profile, no keys in the environment, no role of the machine; or AWS_PROFILE names a profile "
        "that the files do not have.",
        (97,),
        fixes=(
            Fix(
                "see what a profile gives",
                'aws configure export-credentials --profile "$AWS_PROFILE" >/dev/null',
            ),
            Fix("name the profile", "export AWS_PROFILE=name"),
            SSO_SIGN_IN,
        ),
        seen_by="no-cloud-credential",
        phrases=(
            Wording("could not load credentials from any providers", 85),
            Wording("could not load aws credentials", 85),
            Wording("could not resolve credentials from session", 80),
            Wording("failed to refresh cached credentials", 70, "ours", alone=0),
            Wording("unable to locate credentials", 65, "ours", alone=50),
            Wording("nocredentialserror", 65, "ours"),
            Wording("the config profile … could not be found", 75, "ours", gap=60, alone=60),
            Wording("could not be found or parsed in shared credentials file", 80),
            Wording("could not resolve credentials using profile", 80, "no-stranger"),
        ),
    ),
    Cause(
        "aws-region-missing",
        "No AWS region is set",
        "Programs on the AWS SDK need AWS_REGION. Claude Code of the observed versions falls back to the "
        "profile's region and then to us-east-1; other tools stop.",
        (98,),
        fixes=(Fix("set it", "export AWS_REGION=us-east-1"),),
        certainty="seen",
        phrases=(
            Wording("aws region setting is missing", 90),
            Wording("region is missing", 60, "ours", near="bedrock aws", alone=10),
            Wording("you must specify a region", 60, "ours", alone=10),
        ),
    ),
    Cause(
        "aws-not-authorised",
        "AWS denies the use of Bedrock",
        "The identity has no permission, or a policy of the organisation forbids the region. A "
        "cross-region inference profile may send the request to another region than yours.",
        (99,),
        fixes=(
            Fix(
                "allow bedrock:InvokeModel and bedrock:InvokeModelWithResponseStream for it, in all "
                "regions of the profile"
            ),
            _WHO,
        ),
        certainty="seen",
        phrases=(
            Wording("not authorized to perform bedrock", 90),
            Wording("is not authorized to perform … bedrock", 85, gap=12),
            Wording(
                "with an explicit deny in a",
                70,
                "no-stranger",
                unless="s3 ec2 iamcreate lambda dynamodb sqs sns ecr secretsmanager ssm",
                alone=60,
            ),
        ),
    ),
    Cause(
        "aws-model-access",
        "The model is not open for this AWS account or has to be asked for otherwise",
        "Access to each model is granted in the Bedrock console, and newer models are reached through an "
        "inference profile (us., eu., global.) and not by their plain id.",
        (100,),
        fixes=(
            Fix("list the inference profiles", 'aws bedrock list-inference-profiles --region "$AWS_REGION"'),
            Fix("use one", "export ANTHROPIC_MODEL=us.anthropic.claude-…"),
        ),
        certainty="seen",
        phrases=(
            Wording("access to the model with the specified model id", 90),
            Wording("on-demand throughput isnt supported", 90),
            Wording("on-demand throughput is not supported", 90),
            Wording("arn of an inference profile that contains this model", 85),
            Wording("provided model identifier is invalid", 80),
            Wording("model use case details have not been submitted", 85),
            Wording("model access is denied due to", 80),
        ),
    ),
    Cause(
        "bedrock-key-refused",
        "The Bedrock API key is refused",
        "AWS_BEARER_TOKEN_BEDROCK comes before profiles and keys. It may be expired (short-term keys last "
        "hours) or be another kind of value; one older client did not send it at all.",
        (101,),
        fixes=(
            Fix("take it away to use the profile", "unset AWS_BEARER_TOKEN_BEDROCK"),
            Fix("or make a new key in the Bedrock console"),
            UPDATE,
        ),
        phrases=(
            Wording("403 message authorization header is missing", 85, "no-stranger"),
            Wording("authorization header is missing", 60, "ours", alone=8),
            Wording("bearer token has expired", 75, near="bedrock"),
            Wording("must start with pre-defined prefix", 90),
            Wording("invalid api key format", 60, "ours", near="predefinedprefix bedrock"),
            Wording("api key was rejected", 70, "no-stranger", near="bedrock apikeywasrejected"),
        ),
    ),
    Cause(
        "cloud-refresh-command-fails",
        "The configured AWS command gives something else than is expected",
        "awsCredentialExport must print the JSON of AWS STS and nothing else; awsAuthRefresh gets no input "
        "and is stopped after three minutes. Text meant for people does not belong into the first one's "
        "output.",
        (102,),
        fixes=(
            Fix(
                "run the command by hand and look at its output",
                "aws configure export-credentials >/dev/null",
            ),
            Fix(
                "put commands that talk into awsAuthRefresh, commands that print JSON into "
                "awsCredentialExport"
            ),
        ),
        phrases=(
            Wording(
                "unexpected token … is not valid json",
                60,
                look=r"unexpected token\W{1,4}a\W{1,6}attempting",
                gap=40,
            ),
            Wording("attempting is not valid json", 85),
            Wording("aws credentials from awscredentialexport", 88),
            Wording("awscredentialexport did not return", 85),
            Wording("awsauthrefresh … timed out", 85, gap=60),
            Wording("running awsauthrefresh", 80, near="error failed timedout"),
            Wording("awsauthrefresh", 60, near="failed timeout timedout exited killed", window=60),
        ),
    ),
    Cause(
        "sso-login-over-ssh",
        "The AWS sign-in expects a browser on this machine",
        "Since version 2.22 the aws command sends the browser to a port of its own machine, which does not "
        "work over SSH.",
        (103,),
        fixes=(Fix("sign in with a code instead", "aws sso login --use-device-code --no-browser"),),
        here=browser_is_elsewhere,
        also="callback-unreachable",
        phrases=(
            Wording(
                "127.0.0.1 … oauth/callback",
                65,
                "no-stranger",
                near="unreachable refused cantbereached sso aws claude err unable timedout failed",
                look=_CALLBACK,
                gap=6,
                alone=20,
            ),
            Wording("127.0.0.1 … oauth/callback", 60, "ours", look=_CALLBACK, gap=6, alone=14),
        ),
    ),
)
