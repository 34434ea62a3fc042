"""The second code in the refusals of services that once spoke the query protocol and speak JSON now.

Such a service sends ``x-amzn-query-error: code;Sender``, and SDKs tell their callers that code: boto3's ``Error.Code``
of a queue that doesn't exist is still ``AWS.SimpleQueueService.NonExistentQueue``. See
https://smithy.io/2.0/aws/protocols/aws-query-protocol.html#aws-protocols-awsquerycompatible-trait
"""

from __future__ import annotations

from collections.abc import Mapping

_SQS_PREFIXED = frozenset(
    {
        "BatchEntryIdsNotDistinct",
        "BatchRequestTooLong",
        "EmptyBatchRequest",
        "InvalidBatchEntryId",
        "MessageNotInflight",
        "PurgeQueueInProgress",
        "QueueDeletedRecently",
        "TooManyEntriesInBatchRequest",
        "UnsupportedOperation",
    }
)
_CODES: Mapping[str, str] = {
    "QueueDoesNotExist": "AWS.SimpleQueueService.NonExistentQueue",
    "QueueNameExists": "QueueAlreadyExists",
    "InvalidParameterValueException": "InvalidParameterValue",
    "AccessDeniedException": "AccessDenied",
    "UnrecognizedClientException": "InvalidClientTokenId",
    "ExpiredTokenException": "ExpiredToken",
    "InvalidSignatureException": "SignatureDoesNotMatch",
    "MissingAuthenticationTokenException": "MissingAuthenticationToken",
    "UnknownOperationException": "InvalidAction",
    "ValidationException": "ValidationError",
}


def query_code(error: str) -> str:
    """The code that a refusal had in the query protocol; most have kept theirs."""
    return f"AWS.SimpleQueueService.{error}" if error in _SQS_PREFIXED else _CODES.get(error, error)
