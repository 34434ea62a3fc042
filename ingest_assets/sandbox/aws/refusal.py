"""How AWS says no, in the three forms that its protocols have."""

from __future__ import annotations

import json
import uuid
from collections.abc import Collection, Mapping
from types import MappingProxyType
from xml.sax.saxutils import escape

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

JSON_TYPE = "application/x-amz-json-1.1"


class Refusal(HTTPException):
    """An answer, not a failure: what AWS sends in place of a result.

    Attributes:
        error: AWS's code, e.g. ``EntityNotFoundException``.
        status: HTTP status; JSON services refuse with 400 whatever the reason, REST services as their models say where
            it is that.
        details: Other members of the error, e.g. ``ResourceType``.
    """

    def __init__(
        self, error: str, message: str, status: int = 400, details: Mapping[str, str] = MappingProxyType({})
    ) -> None:
        super().__init__(description=message)
        self.error = error
        self.message = message
        self.status = status
        self.details = details


def refusal_response(
    family: str,
    service: str,
    refusal: Refusal,
    members: Collection[str] = (),
    *,
    json_type: str = JSON_TYPE,
    query_code: str | None = None,
) -> Response:
    """The bytes of a refusal.

    Args:
        family: ``json``, ``query`` or ``rest-xml``.
        service: Service name; S3's XML has no envelope.
        refusal: What to say.
        members: What the error has in the service's model; some services repeat the request's id there.
        json_type: Content type of the service's JSON.
        query_code: The error's other code, of a service that has left the query protocol for JSON.
    """
    request_id = str(uuid.uuid4())
    if family == "json":
        named = {"RequestId": request_id} if "RequestId" in members else {}
        said = {"__type": refusal.error, "Message": refusal.message, "message": refusal.message}
        body = json.dumps({**said, **refusal.details, **named})
        headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": refusal.error}
        if query_code is not None:
            headers["x-amzn-query-error"] = f"{query_code};{_side(refusal)}"
        return Response(body, status=refusal.status, content_type=json_type, headers=headers)
    fields = f"<Code>{escape(refusal.error)}</Code><Message>{escape(refusal.message)}</Message>"
    if service == "s3":
        body = f"<Error>{fields}<RequestId>{request_id}</RequestId></Error>"
        headers = {"x-amz-request-id": request_id}
    else:
        error = f"<Error><Type>{_side(refusal)}</Type>{fields}</Error>"
        body = f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
        headers = {"x-amzn-RequestId": request_id}
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return Response(text, status=refusal.status, content_type="text/xml", headers=headers)


def _side(refusal: Refusal) -> str:
    return "Sender" if refusal.status < 500 else "Receiver"  # noqa: PLR2004  # HTTP's own border
