"""The sandbox: all services in one process on one loopback port."""

from __future__ import annotations

import base64
import json
import secrets
import threading
from types import TracebackType

from ingest_assets.sandbox.atlas import AtlasApp
from ingest_assets.sandbox.atlas.users import AtlasUser
from ingest_assets.sandbox.aws.app import AwsApp
from ingest_assets.sandbox.aws.firehose import FirehoseService
from ingest_assets.sandbox.aws.glue import PAGE, GlueService
from ingest_assets.sandbox.aws.identity import Identities, Principal, Role
from ingest_assets.sandbox.aws.kinesis import KinesisService
from ingest_assets.sandbox.aws.lakeformation import LakeFormationService
from ingest_assets.sandbox.aws.operations import AwsService, Tokens
from ingest_assets.sandbox.aws.quicksight import QuickSightService
from ingest_assets.sandbox.aws.s3 import S3Service
from ingest_assets.sandbox.aws.schema_registry import SchemaRegistry
from ingest_assets.sandbox.aws.secretsmanager import SecretsManagerService
from ingest_assets.sandbox.aws.sqs import SqsService
from ingest_assets.sandbox.aws.sts import StsService
from ingest_assets.sandbox.company.company import REGION, Company
from ingest_assets.sandbox.company.dbt import DBT_TARGET
from ingest_assets.sandbox.company.event_bus import METADATA_EVENTS
from ingest_assets.sandbox.company.looker_instance import LOOKML_OWNER, LOOKML_REPOSITORIES, move_github
from ingest_assets.sandbox.company.people import TEAMS, USERS
from ingest_assets.sandbox.dbt import DbtApp
from ingest_assets.sandbox.dispatch import Dispatch
from ingest_assets.sandbox.fault_middleware import LONGEST_HANG
from ingest_assets.sandbox.faults import Faults
from ingest_assets.sandbox.github import CodeloadApp, GitHubApp
from ingest_assets.sandbox.github.tokens import GitHubAccess, GitHubToken
from ingest_assets.sandbox.http_server import SandboxServer
from ingest_assets.sandbox.identity import IdentityApp
from ingest_assets.sandbox.looker import LookerApp
from ingest_assets.sandbox.looker.clients import LookerClient
from ingest_assets.sandbox.openmetadata import OpenMetadataApp
from ingest_assets.sandbox.openmetadata_faults import StepFaults

_POLL_SECONDS = 0.02  # how long a stop may take to be noticed

# What OpenMetadata's documentation asks for to read Glue, Kinesis and QuickSight, and not one action more.
KINESIS_ACTIONS = frozenset(
    {
        "kinesis:ListStreams",
        "kinesis:DescribeStreamSummary",
        "kinesis:ListShards",
        "kinesis:GetShardIterator",
        "kinesis:GetRecords",
    }
)
QUICKSIGHT_ACTIONS = frozenset(
    {
        "quicksight:DescribeDashboard",
        "quicksight:ListAnalyses",
        "quicksight:ListDataSources",
        "quicksight:ListDashboards",
        "quicksight:DescribeAnalysis",
        "quicksight:DescribeDataSet",
        "quicksight:ListDataSets",
        "quicksight:DescribeDataSource",
    }
)
DOCUMENTED_ACTIONS = frozenset({"glue:GetDatabases", "glue:GetTables"}) | KINESIS_ACTIONS | QUICKSIGHT_ACTIONS
READER_ACTIONS = frozenset(
    {
        "glue:Get*",
        "glue:List*",
        "s3:*",
        "secretsmanager:GetSecretValue",
        "kinesis:Get*",
        "kinesis:List*",
        "kinesis:Describe*",
        "kms:Decrypt",
        "firehose:List*",
        "firehose:Describe*",
        "lakeformation:Get*",
        "lakeformation:List*",
        "lakeformation:Search*",
        "quicksight:List*",
        "quicksight:Describe*",
    }
)

EVENT_READER_ACTIONS = frozenset(
    {
        "sqs:ReceiveMessage",
        "sqs:DeleteMessage",
        "sqs:ChangeMessageVisibility",
        "sqs:GetQueueAttributes",
        "sqs:GetQueueUrl",
    }
)
WRITER_ACTIONS = frozenset(
    {
        "glue:CreateDatabase",
        "glue:UpdateDatabase",
        "glue:DeleteDatabase",
        "glue:CreateTable",
        "glue:UpdateTable",
        "glue:DeleteTable",
        "glue:BatchDeleteTable",
        "sqs:*",
    }
)


class Sandbox:
    """All services of one company, served while the context is open.

    Args:
        openmetadata_version: The server version to behave like.
        tables: Generated tables in the lake, besides some sixty that were written down.
        port: 0 for any free one.
        region: Where the company's AWS services run.
        aws_page: Rows at most in a page of Glue and S3, which may give fewer than they are asked for.
        streams: Generated Kinesis streams, besides those that were written down.
        dashboards: Generated QuickSight dashboards, besides those that were written down.
        atlas_version: The Atlas version to behave like, ``2.1.0`` or ``2.4.0``.

    Attributes:
        company: The state behind; change it to change what services answer.
        faults: Plan faults here.
        aws: The AWS application: counts, requests, identities.
        openmetadata: The OpenMetadata application.
        identity: The identity providers, and the tokens that they gave.
        looker: Looker's API: counts, requests, API keys and tokens.
        github: GitHub's API: counts, requests, tokens and limits.
        atlas: Atlas's API: counts, requests, users and their tokens.
        dbt: dbt Cloud, and a web server with artifacts: counts.
        dbt_token: Token of a service account in dbt Cloud.
        codeload: Where GitHub's archives are downloaded from, at a port of its own.
        app: All of them at one port.
        principal: The AWS user of ``environment()``: only the documented permissions, and the queue of events.
        reader: A user with all that later features need besides.
        writer: A user who may besides change Glue's databases and tables, and queues.
        reader_role: A role with the reader's permissions, that both may assume.
        looker_client: The API key of ``environment()``: it may read all that Looker shows.
        github_token: A token that may read the contents of the company's repositories.
        atlas_user: The user of ``environment()``, who may read all that Atlas knows.
        atlas_clerk: A user who may not read what is classified as restricted.
        bot_token: JWT of the ingestion bot.
        admin_token: JWT of an admin.
    """

    def __init__(  # noqa: PLR0913, PLR0917  # a size or a version for each service
        self,
        openmetadata_version: str = "1.12.4",
        tables: int = 0,
        port: int = 0,
        region: str = REGION,
        aws_page: int = PAGE,
        streams: int = 0,
        dashboards: int = 0,
        atlas_version: str = "2.4.0",
    ) -> None:
        self.company = Company(
            tables, region=region, streams=streams, dashboards=dashboards, atlas_version=atlas_version
        )
        self.faults = Faults()
        self.bot_token = _token("ingestion-bot")
        self.admin_token = _token("admin")
        identities = Identities()
        account = self.company.account
        events = self.company.queues.queue(METADATA_EVENTS).arn
        granted = DOCUMENTED_ACTIONS | {f"{action} on {events}" for action in EVENT_READER_ACTIONS}
        self.principal: Principal = identities.add_principal("catalog", granted, account=account)
        self.reader: Principal = identities.add_principal(
            "reader", READER_ACTIONS | EVENT_READER_ACTIONS, account=account
        )
        self.writer: Principal = identities.add_principal("writer", READER_ACTIONS | WRITER_ACTIONS, account=account)
        self.reader_role: Role = identities.add_role(
            Role(
                account,
                "catalog-reader",
                READER_ACTIONS | EVENT_READER_ACTIONS,
                trusted=(f"arn:aws:iam::{account}:user/*",),
            )
        )
        self.aws = _aws_app(self.company, identities, self.faults, aws_page)
        self.identity = IdentityApp()
        self.looker = LookerApp(self.company.looker, self.faults)
        self.looker_client: LookerClient = self.looker.sessions.add_client(self.company.looker.users.keys()[0])
        self.atlas = AtlasApp(self.company.atlas, self.faults)
        self.atlas_user: AtlasUser = self.atlas.users.add("catalog")
        self.atlas_clerk: AtlasUser = self.atlas.users.add("clerk", hidden_classifications=frozenset({"RESTRICTED"}))
        self.openmetadata = OpenMetadataApp(
            openmetadata_version,
            bot_token=self.bot_token,
            admin_token=self.admin_token,
            faults=StepFaults(self.faults),
            holder=self.identity.issuer.holder,
        )
        _enter_people(self.openmetadata)
        access = GitHubAccess()
        self.github = GitHubApp(self.company.repositories, access, self.faults)
        self.codeload = CodeloadApp(self.company.repositories, access, self.faults)
        self.github_token: GitHubToken = access.add_token(*self.company.repositories.names())
        self.dbt_token = secrets.token_hex(20)
        self.dbt = DbtApp(self.company.dbt, self.dbt_token, self.faults)
        self.app = Dispatch(
            self.aws, self.openmetadata, self.identity, self.looker, self.github, self.atlas, self.dbt, self.faults
        )
        self._port = port
        self._server: SandboxServer | None = None
        self._downloads: SandboxServer | None = None
        self._threads: list[threading.Thread] = []

    def __enter__(self) -> Sandbox:
        """Start to serve."""
        self._server = SandboxServer(self.app, self._port)
        self._downloads = SandboxServer(self.codeload)
        self.github.codeload_url = f"http://127.0.0.1:{self._downloads.server_port}"
        move_github(self.company.repositories, self.url)
        self.company.queues.url = self.url
        self.company.queues.open()
        self._threads = [
            threading.Thread(target=server.serve_forever, args=(_POLL_SECONDS,), name=name, daemon=True)
            for name, server in (("sandbox", self._server), ("sandbox-codeload", self._downloads))
        ]
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        exception_type: type[BaseException] | None,
        exception: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop; connections that clients keep open are cut."""
        self.company.queues.close()
        for server in self._servers:
            server.stop()
        for thread in self._threads:
            thread.join()
        self._server = self._downloads = None

    @property
    def _running(self) -> SandboxServer:
        if self._server is None:
            raise RuntimeError("the sandbox is not serving: use it as a context manager")
        return self._server

    @property
    def _servers(self) -> list[SandboxServer]:
        return [server for server in (self._running, self._downloads) if server is not None]

    @property
    def crashes(self) -> list[str]:
        """Tracebacks of requests that the sandbox itself failed to answer."""
        return [trace for server in self._servers for trace in server.crashes]

    def settle(self) -> None:
        """Wait for requests that callers have given up and that are still being served, those that hang included.

        Raises:
            TimeoutError: One hangs for longer than any fault makes it.
        """
        if not all(server.settle(2 * LONGEST_HANG) for server in self._servers):
            raise TimeoutError("a request of the sandbox does not end")

    @property
    def url(self) -> str:
        """Where everything is served."""
        return f"http://127.0.0.1:{self._running.server_port}"

    @property
    def openmetadata_host_port(self) -> str:
        """A recipe's ``hostPort``."""
        return f"{self.url}/api"

    @property
    def aws_endpoint_url(self) -> str:
        """boto3's ``endpoint_url``, for each service."""
        return self.url

    @property
    def metadata_events_queue_url(self) -> str:
        """The queue that EventBridge puts each change of Glue and QuickSight into."""
        return f"{self.url}/{self.company.account}/{METADATA_EVENTS}"

    @property
    def atlas_host_port(self) -> str:
        """A recipe's ``hostPort``, with the gateway's path if there is one."""
        return f"{self.url}{self.atlas.gateway}"

    def environment(self, principal: Principal | None = None) -> dict[str, str]:
        """Variables that point recipes, boto3 and command line tools at the sandbox.

        Args:
            principal: Whose AWS keys; the one with the documented permissions when None.
        """
        who = principal or self.principal
        variables = {
            "OPENMETADATA_HOST_PORT": self.openmetadata_host_port,
            "OM_BOT_TOKEN": self.bot_token,
            "OM_ADMIN_TOKEN": self.admin_token,
            "AWS_ENDPOINT_URL": self.aws_endpoint_url,
            "AWS_ACCESS_KEY_ID": who.access_key_id,
            "AWS_SECRET_ACCESS_KEY": who.secret_access_key,
            "AWS_REGION": self.company.region,
            "AWS_DEFAULT_REGION": self.company.region,
            "AWS_ACCOUNT_ID": self.company.account,
            "WRITER_AWS_ACCESS_KEY_ID": self.writer.access_key_id,
            "WRITER_AWS_SECRET_ACCESS_KEY": self.writer.secret_access_key,
            "METADATA_EVENTS_QUEUE_URL": self.metadata_events_queue_url,
            "LOOKER_HOST_PORT": self.url,
            "LOOKER_CLIENT_ID": self.looker_client.client_id,
            "LOOKER_CLIENT_SECRET": self.looker_client.client_secret,
            "ATLAS_HOST_PORT": self.atlas_host_port,
            "ATLAS_USERNAME": self.atlas_user.name,
            "ATLAS_PASSWORD": self.atlas_user.password,
            "DBT_TARGET": str(DBT_TARGET),
            "DBT_DOCS_URL": f"{self.url}/dbt-docs",
            "DBT_CLOUD_URL": self.url,
            "DBT_CLOUD_TOKEN": self.dbt_token,
            "DBT_CLOUD_ACCOUNT_ID": self.company.dbt.account,
            "GITHUB_SERVER_URL": self.url,
            "GITHUB_REPOSITORY_OWNER": LOOKML_OWNER,
            "GITHUB_REPOSITORY_NAME": ", ".join(LOOKML_REPOSITORIES),
            "GITHUB_TOKEN": self.github_token.value,
        }
        return variables if who.session_token is None else {**variables, "AWS_SESSION_TOKEN": who.session_token}


def _enter_people(openmetadata: OpenMetadataApp) -> None:
    for name, display_name in TEAMS.items():
        openmetadata.add_team(name, display_name=display_name)
    for name, display_name in USERS.items():
        openmetadata.add_user(name, email=f"{name}@norrpost.example", display_name=display_name)


def _aws_app(company: Company, identities: Identities, faults: Faults, page: int) -> AwsApp:
    tokens = Tokens()
    services: list[AwsService] = [
        GlueService(company.glue, tokens, faults, page, SchemaRegistry(company.schemas, tokens, faults)),
        KinesisService(company.streams, faults),
        FirehoseService(company.delivery, faults),
        LakeFormationService(company.lf_tags, tokens, faults),
        QuickSightService(company.boards, faults),
        S3Service(company.buckets, tokens, faults, page),
        SecretsManagerService(company),
        SqsService(company.queues, tokens),
        StsService(identities),
    ]
    return AwsApp(services, identities, faults)


def _token(subject: str) -> str:
    """A random token of the shape that OpenMetadata hands to bots; only its text is ever compared."""
    parts = [{"alg": "RS256", "typ": "JWT"}, {"iss": "sandbox", "sub": subject, "jti": secrets.token_hex(16)}]
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, secrets.token_urlsafe(64)])
