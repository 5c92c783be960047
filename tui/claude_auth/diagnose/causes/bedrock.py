"""Amazon Bedrock: what AWS and Claude Code say about it."""

from __future__ import annotations

from claude_auth.diagnose.cause import RESTART, UPDATE, Cause, act
from claude_auth.diagnose.causes.places import browser_is_elsewhere
from claude_auth.model import Fix

SSO_SIGN_IN = act("run", "sign in to AWS again", "aws-refresh", 'aws sso login --profile "$AWS_PROFILE"')
_WHO = act("cloud", "see which identity is used", command="aws sts get-caller-identity")

CAUSES: tuple[Cause, ...] = (
    Cause(
        "aws-token-expired",
        "The temporary AWS credentials have expired",
        "Either they were renewed but the running Claude Code keeps the old ones, or AWS_SESSION_TOKEN is "
        "set in the environment, where nothing ever renews it.",
        (95,),
        fixes=(
            RESTART,
            SSO_SIGN_IN,
            Fix("or use a profile that can be renewed, in place of fixed credentials", "aws configure sso"),
        ),
        phrases="""
            93: aws credentials expired or invalid, aws credentials have expired; also: aws-sso-expired
                aws-token-invalid
            93 no-stranger: aws authentication failed; also: aws-not-authorised aws-sso-expired
                aws-token-invalid
            80 ours: security token expired, token has expired and refresh failed
            80 no-stranger: credential_process returned expired credentials, refresh your aws credentials
            85 no-stranger: token included in the request is expired
            75 ours: expiredtokenexception; near: bedrock sts apierror aws; alone: 10
        """,
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
        phrases="""
            92: aws didnt accept these credentials, aws did not accept these credentials;
                also: aws-token-expired aws-sso-expired
            85 no-stranger: token included in the request is invalid
            75 ours: unrecognizedclientexception; alone: 10
            70 ours: invalidclienttokenid; alone: 10
            50 no-stranger: both aws_profile and the pair aws_access_key_id
        """,
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
        phrases="""
            90 no-stranger: is not configured with sso credentials, credential_process did not return, aws
                credential_process, value not present for
            90 no-stranger: resolve aws credentials from the credential provider chain, no aws credentials
                found, couldnt load credentials for profile, could not be found in shared credentials file,
                did not contain credential_process, credential_process returned invalid, resolve bedrock
                credentials; also: aws-sso-expired
            85 no-stranger: could not load credentials from any providers, could not load aws credentials
            80 no-stranger: could not resolve credentials from session, could not be found or parsed in shared
                credentials file, could not resolve credentials using profile
            70 ours: failed to refresh cached credentials; alone: 0
            65 ours: unable to locate credentials; alone: 30
            65 ours: nocredentialserror; alone: 40
            75 ours: the config profile … could not be found; gap: 60; alone: 60
        """,
    ),
    Cause(
        "aws-chain-timeout",
        "The search for AWS credentials timed out",
        "The chain of places where AWS credentials come from did not answer in time: a `credential_process` "
        "or helper that waits for a person, or an address of instance metadata that nobody answers. It says "
        "nothing about whether credentials exist.",
        (125,),
        fixes=(
            Fix("run it once by hand", 'aws sts get-caller-identity --profile "$AWS_PROFILE"'),
            Fix("give a slow helper more time", "export CLAUDE_CODE_AWS_CHAIN_RESOLVE_TIMEOUT_MS=180000"),
            Fix("outside AWS, don't ask the instance", "export AWS_EC2_METADATA_DISABLED=true"),
        ),
        phrases="""
            97: aws default-chain credential resolve timed out, aws_chain_resolve_timeout_ms, waiting for aws,
                a request to aws timed out, bedrock setup verification timed out; hides: aws-no-credentials
        """,
    ),
    Cause(
        "aws-region-missing",
        "No AWS region is set",
        "Programs on the AWS SDK need AWS_REGION. Claude Code of the observed versions falls back to the "
        "profile's region and then to us-east-1; other tools stop.",
        (98,),
        fixes=(Fix("set it", "export AWS_REGION=us-east-1"),),
        certainty="seen",
        phrases="""
            90 no-stranger: aws region setting is missing
            60 ours: region is missing; near: bedrock aws srcentrypointscli; alone: 10
            60 ours: you must specify a region; alone: 10
        """,
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
        phrases="""
            92: your iam role needs bedrock, sso portal denied access to the role, iam policy may be missing
                bedrock
            80 ours: accessdeniedexception
            90 no-stranger: not authorized to perform bedrock
            85 no-stranger: is not authorized to perform … bedrock; gap: 12
            70 no-stranger: with an explicit deny in a; unless: s3 ec2 iamcreate lambda dynamodb sqs sns ecr
                secretsmanager ssm
        """,
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
        phrases="""
            85 ours: is not available on bedrock, isnt enabled in the bedrock console
            90 no-stranger: access to the model with the specified model id, on-demand throughput isnt
                supported, on-demand throughput is not supported
            85 no-stranger: arn of an inference profile that contains this model, model use case details have
                not been submitted
            80 no-stranger: provided model identifier is invalid, model access is denied due to
        """,
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
        phrases="""
            94: bedrock didnt accept this api key, please make sure your api key is valid, bedrock api key has
                expired, bedrock api key is invalid, aws_bearer_token_bedrock is not used, bedrock did not
                accept this api key
            85 no-stranger: 403 message authorization header is missing
            60 ours: authorization header is missing
            75 no-stranger: bearer token has expired; near: bedrock
            90 no-stranger: must start with pre-defined prefix
            60 ours: invalid api key format; near: predefinedprefix bedrock; alone: 40
            70 no-stranger: api key was rejected; near: bedrock apikeywasrejected
        """,
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
        phrases=r"""
            92: aws auth refresh timed out, gcp auth refresh timed out, aws login timed out after, aws login
                did not complete, awscredentialexport timed out, aws auth refresh executable not found, error
                running gcpauthrefresh, error running awsauthrefresh, aws auth refresh failed, gcp auth
                refresh failed
            60: unexpected token … is not valid json; gap: 40; look: unexpected token\W{1,4}a\W{1,6}attempting
            85 no-stranger: attempting is not valid json, awscredentialexport did not return
            88 no-stranger: aws credentials from awscredentialexport
            85 no-stranger: awsauthrefresh … timed out; gap: 60
            80 no-stranger: running awsauthrefresh; near: error failed timedout
            60 no-stranger: awsauthrefresh; near: failed timeout timedout exited killed; window: 60
        """,
    ),
    Cause(
        "sso-login-over-ssh",
        "The AWS sign-in expects a browser on this machine",
        "Since version 2.22 the aws command sends the browser to a port of its own machine, which does not "
        "work over SSH.",
        (103,),
        fixes=(
            act(
                "run",
                "sign in with a code instead",
                "aws-refresh",
                "aws sso login --use-device-code --no-browser",
            ),
        ),
        here=browser_is_elsewhere,
        also="callback-unreachable",
        phrases=r"""
            65 no-stranger: 127.0.0.1 … oauth/callback; near: unreachable refused cantbereached sso aws claude
                err unable timedout failed; gap: 6; look: 127\.0\.0\.1:\d{4,5}/oauth/callback
            60 ours: 127.0.0.1 … oauth/callback; gap: 6; alone: 14; look: 127\.0\.0\.1:\d{4,5}/oauth/callback
        """,
    ),
)
