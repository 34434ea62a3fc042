"""QuickSight's users, groups and subscription."""

from __future__ import annotations

from collections.abc import Mapping

from ingest_assets.sandbox.aws.operations import Caller, Operation, Params
from ingest_assets.sandbox.aws.quicksight_places import Places
from ingest_assets.sandbox.aws.refusal import Refusal

_PAGED = frozenset({"AwsAccountId", "Namespace", "NextToken", "MaxResults"})


class PeopleOperations:
    """The operations on identities, which QuickSight keeps in one region for the whole account.

    Args:
        places: Knows the state, and who may ask.
    """

    def __init__(self, places: Places) -> None:
        self._places = places
        self._boards = places.boards
        self._people = places.boards.people

    @property
    def operations(self) -> Mapping[str, Operation]:
        """See ``AwsService``."""
        account = frozenset({"AwsAccountId"})
        return {
            "ListUsers": Operation(self.list_users, _PAGED, _namespace),
            "ListGroups": Operation(self.list_groups, _PAGED, _namespace),
            "ListGroupMemberships": Operation(self.list_group_memberships, _PAGED | {"GroupName"}, _group),
            "DescribeAccountSubscription": Operation(self.describe_account_subscription, account, lambda _: ""),
        }

    def list_users(self, caller: Caller, params: Params) -> Params:
        """``ListUsers``: of one namespace."""
        namespace = self._namespace(caller, params, "ListUsers", f"user/{params['Namespace']}/*")
        rows = {row["UserName"]: row for row in self._people.users(namespace)}
        return self._places.page("ListUsers", namespace, params, "UserList", rows, dict)

    def list_groups(self, caller: Caller, params: Params) -> Params:
        """``ListGroups``: of one namespace."""
        namespace = self._namespace(caller, params, "ListGroups", f"group/{params['Namespace']}/*")
        rows = {row["GroupName"]: row for row in self._people.groups(namespace)}
        return self._places.page("ListGroups", namespace, params, "GroupList", rows, dict)

    def list_group_memberships(self, caller: Caller, params: Params) -> Params:
        """``ListGroupMemberships``: the users of one group."""
        operation, group = "ListGroupMemberships", params["GroupName"]
        namespace = self._namespace(caller, params, operation, f"group/{params['Namespace']}/{group}")
        members = self._people.members(group, namespace)
        if members is None:
            message = f"Group {group} not found in namespace {namespace}"
            raise Refusal("ResourceNotFoundException", message, details={"ResourceType": "GROUP"})
        rows = {name: {"Arn": self._people.arn("user", name, namespace), "MemberName": name} for name in members}
        return self._places.page(operation, f"{namespace}/{group}", params, "GroupMemberList", rows, dict)

    def describe_account_subscription(self, caller: Caller, params: Params) -> Params:
        """``DescribeAccountSubscription``: the edition, or that there is no subscription."""
        operation = "DescribeAccountSubscription"
        self._places.allow(caller, operation, self._places.arn(caller, params, "*"))
        if self._boards.edition is None:
            message = f"Account information for account {caller.account} is not found."
            details = {"ResourceType": "ACCOUNT_SETTINGS"}
            raise Refusal("ResourceNotFoundException", message, details=details)
        return {
            "AccountInfo": {
                "AccountName": "norrpost",
                "Edition": self._boards.edition,
                "NotificationEmail": "data-platform@norrpost.example",
                "AuthenticationType": "IDENTITY_POOL",
                "AccountSubscriptionStatus": "ACCOUNT_CREATED",
            }
        }

    def _namespace(self, caller: Caller, params: Params, operation: str, resource: str) -> str:
        """The namespace that is meant, once the caller may ask about it.

        Raises:
            Refusal: Not granted; the region is not the one where identities are kept; no subscription; or there is no
                such namespace.
        """
        self._places.allow(caller, operation, self._places.arn(caller, params, resource))
        namespace: str = params["Namespace"]
        if self._boards.edition is None:
            message = f"Account {caller.account} is not signed up with QuickSight"
            details = {"ResourceType": "ACCOUNT_SETTINGS"}
            raise Refusal("ResourceNotFoundException", message, details=details)
        if caller.region != self._people.region:
            message = (
                f"Operation is being called from endpoint {caller.region}, but your identity region is "
                f"{self._people.region}. Please use the {self._people.region} endpoint."
            )
            raise Refusal("AccessDeniedException", message, 401)
        if not self._people.has(namespace):
            message = f"Namespace {namespace} not found in account {caller.account}"
            raise Refusal("ResourceNotFoundException", message, details={"ResourceType": "NAMESPACE"})
        return namespace


def _namespace(params: Params) -> str:
    return str(params["Namespace"])


def _group(params: Params) -> str:
    return f"{params['Namespace']}/{params['GroupName']}"
