"""Bedrock, Vertex, Foundry."""

from __future__ import annotations

from claude_auth.diagnose.catalogue.entry import Entry

ENTRIES: tuple[Entry, ...] = (
    Entry(
        "aws-sso-expired",
        "error",
        "The AWS sign-in has expired",
        "The profile that signs for Bedrock gets its credentials by single sign-on, and there is no valid "
        "token of it on this machine.",
        (94,),
    ),
    Entry(
        "aws-keys-incomplete",
        "error",
        "The AWS keys in the environment do not belong together",
        "A key that begins with ASIA is temporary and needs its session token; one that begins with AKIA "
        "has none. AWS answers 'The security token included in the request is invalid.'",
        (96,),
    ),
    Entry(
        "key-sent-to-aws",
        "warning",
        "Your Anthropic key is sent to AWS",
        "Up to version 2.1.206 Claude Code sends ANTHROPIC_API_KEY along to Bedrock. Update, or unset "
        "the key.",
        removes=("source",),
    ),
    Entry(
        "aws-profile-before-keys",
        "warning",
        "Bedrock uses the AWS profile, not the keys in the environment",
        "Claude Code looks at AWS_PROFILE before AWS_ACCESS_KEY_ID; the aws command looks the other way "
        "round. So `aws sts get-caller-identity` can name another identity than the one that is used.",
        (96,),
    ),
    Entry(
        "bedrock-key-beside-credentials",
        "warning",
        "A Bedrock API key overrides the AWS profile or keys",
        "AWS_BEARER_TOKEN_BEDROCK comes before every other AWS credential. Signing in to AWS changes "
        "nothing while it is set, and a short-term key ends after hours.",
        (101,),
        removes=("source",),
    ),
    Entry(
        "aws-region-malformed",
        "warning",
        "The AWS region is not one",
        "A value that can't be part of a host name counts as unset: Claude Code goes on with the next "
        "source of a region, in the end us-east-1.",
        (98,),
    ),
    Entry(
        "aws-export-is-a-sign-in",
        "warning",
        "awsCredentialExport signs in instead of printing credentials",
        "The command must print credentials as JSON. One that signs in prints words for people, and Claude "
        "Code goes on without its credentials. Put the sign-in into awsAuthRefresh.",
        (102,),
        "likely",
    ),
    Entry(
        "provider-switch-ignored",
        "warning",
        "A provider's switch does not switch it on",
        "Only 1, true, yes and on switch a provider on. With any other value Claude Code goes to Anthropic "
        "with the credentials of the ladder.",
        (104,),
    ),
    Entry(
        "vertex-project-overridden",
        "warning",
        "Another variable overrides the Vertex project",
        "GCLOUD_PROJECT and GOOGLE_CLOUD_PROJECT come before ANTHROPIC_VERTEX_PROJECT_ID, and they name "
        "another project.",
        (110,),
    ),
    Entry(
        "google-file-not-found",
        "warning",
        "GOOGLE_APPLICATION_CREDENTIALS names a file that can't be used",
        "Google's libraries take this file and no other where the variable is set.",
        (108,),
    ),
    Entry(
        "bedrock-key-shape",
        "info",
        "The Bedrock API key does not look like one",
        "Bedrock API keys begin with ABSK, short-term ones with bedrock-api-key-. Anything else is refused "
        "with 'Must start with pre-defined prefix'.",
        (101,),
        "likely",
    ),
    Entry(
        "aws-session-token-fixed",
        "info",
        "The AWS keys in the environment are temporary",
        "They end with their session, and nothing renews them in a running process. A profile can be "
        "renewed.",
        (95,),
    ),
    Entry(
        "aws-region-default",
        "info",
        "No AWS region is set",
        "Claude Code then asks in us-east-1; other tools stop with 'region setting is missing'. Models and "
        "permissions differ by region.",
        (98,),
    ),
    Entry(
        "bedrock-model-without-profile",
        "info",
        "The model is named without an inference profile",
        "Most models on Bedrock are called through an inference profile, whose id begins with us., eu., "
        "apac. or global.; the plain id is refused with 'on-demand throughput isn't supported'.",
        (100,),
        "likely",
    ),
    Entry(
        "aws-sign-in-over-ssh",
        "info",
        "The AWS sign-in expects a browser on this machine",
        "Newer versions of the aws command open a page that ends at an address of this machine. Over SSH "
        "ask for a code to type instead.",
        (103,),
        "likely",
    ),
    Entry(
        "provider-not-switched-on",
        "info",
        "A cloud provider is configured and not switched on",
        "Its variables are set, but not the switch that makes Claude Code use it.",
        (104,),
        "likely",
    ),
    Entry(
        "vertex-project-default",
        "info",
        "No variable names the Google Cloud project",
        "The project is then taken from the credentials, which may be the one that pays for quota and not "
        "the one with the models.",
        (110,),
    ),
    Entry(
        "vertex-region-default",
        "info",
        "No Vertex region is set",
        "Claude Code then asks in us-east5; other tools stop with 'No region was given'.",
        (110,),
    ),
    Entry(
        "quota-project-missing",
        "info",
        "The Google credentials name no project for quota",
        "Credentials of a person need a project to count the use against; without one Google may answer "
        "'requires a quota project'.",
        (109,),
        "likely",
    ),
)
