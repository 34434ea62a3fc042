"""Resources of Looker and of GitHub, where LookML lies; each can be used in anyone's own assets."""

from typing import TYPE_CHECKING

import dagster as dg
from pydantic import Field
from pydantic.config import JsonDict

from ingest_assets.calls import Calls

if TYPE_CHECKING:
    from ingest_assets.sources.git import GitHubRepository
    from ingest_assets.sources.looker.api import LookerApi

_SECRET: JsonDict = {"dagster__is_secret": True}


class LookerResource(dg.ConfigurableResource["LookerResource"]):
    """A Looker instance and an API key. Empty, it leaves them to the recipe."""

    base_url: str | None = Field(default=None, description="Address of the instance.")
    client_id: str | None = Field(default=None, description="Client id of the API key; give it with EnvVar.")
    client_secret: str | None = Field(
        default=None, repr=False, json_schema_extra=_SECRET, description="Client secret; give it with EnvVar."
    )

    def explicit(self) -> dict[str, str]:
        """What is given, by the names of ``LookerCredentials``."""
        given = {"base_url": self.base_url, "client_id": self.client_id, "client_secret": self.client_secret}
        return {name: value for name, value in given.items() if value}

    def get_client(self) -> "LookerApi":
        """The instance's API, with limits on retries and time.

        Raises:
            DagsterInvariantViolationError: Address or key is not given.
        """
        from ingest_assets.sources.looker.api import LookerApi  # noqa: PLC0415  # pulls looker_sdk
        from ingest_assets.sources.looker.transport import LookerCredentials  # noqa: PLC0415  # pulls looker_sdk

        if not self.base_url or not self.client_id or not self.client_secret:
            raise dg.DagsterInvariantViolationError("LookerResource needs base_url, client_id and client_secret.")
        return LookerApi(LookerCredentials(self.base_url, self.client_id, self.client_secret), Calls())


class GitHubResource(dg.ConfigurableResource["GitHubResource"]):
    """GitHub or GitHub Enterprise, and a token. Empty, it leaves them to the recipe."""

    token: str | None = Field(
        default=None,
        repr=False,
        json_schema_extra=_SECRET,
        description="Token with Contents: read of the repositories; give it with EnvVar.",
    )
    host: str | None = Field(default=None, description="Address of GitHub Enterprise; https://github.com by default.")

    def explicit(self) -> dict[str, str]:
        """What is given."""
        given = {"token": self.token, "host": self.host}
        return {name: value for name, value in given.items() if value}

    def get_repository(self, owner: str, name: str, ref: str | None = None) -> "GitHubRepository":
        """A repository, whose files can be read at one commit.

        Raises:
            RecipeError: Owner, name or token can't be ones.
        """
        from ingest_assets.sources.git import GitHubRepository, Reading  # noqa: PLC0415  # with requests

        given = {"host": self.host} if self.host else {}
        return GitHubRepository(owner, name, Reading(Calls()), token=self.token, ref=ref, **given)
