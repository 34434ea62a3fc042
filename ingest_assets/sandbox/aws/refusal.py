"""How AWS says no, in the three forms that its protocols have."""

from __future__ import annotations

import json
import uuid
from xml.sax.saxutils import escape

from werkzeug.exceptions import HTTPException
from werkzeug.wrappers import Response

JSON_TYPE = "application/x-amz-json-1.1"


class Refusal(HTTPException):
    """An answer, not a failure: what AWS sends in place of a result.

    Attributes:
        error: AWS's code, e.g. ``EntityNotFoundException``.
        status: HTTP status; JSON services refuse with 400 whatever the reason.
    """

    def __init__(self, error: str, message: str, status: int = 400) -> None:
        super().__init__(description=message)
        self.error = error
        self.message = message
        self.status = status


def refusal_response(family: str, service: str, refusal: Refusal) -> Response:
    """The bytes of a refusal.

    Args:
        family: ``json``, ``query`` or ``rest-xml``.
        service: Service name; S3's XML has no envelope.
        refusal: What to say.
    """
    request_id = str(uuid.uuid4())
    if family == "json":
        body = json.dumps({"__type": refusal.error, "Message": refusal.message, "message": refusal.message})
        headers = {"x-amzn-RequestId": request_id, "x-amzn-ErrorType": refusal.error}
        return Response(body, status=refusal.status, content_type=JSON_TYPE, headers=headers)
    fields = f"<Code>{escape(refusal.error)}</Code><Message>{escape(refusal.message)}</Message>"
    if service == "s3":
        body = f"<Error>{fields}<RequestId>{request_id}</RequestId></Error>"
        headers = {"x-amz-request-id": request_id}
    else:
        side = "Sender" if refusal.status < 500 else "Receiver"  # noqa: PLR2004  # HTTP's own border
        error = f"<Error><Type>{side}</Type>{fields}</Error>"
        body = f"<ErrorResponse>{error}<RequestId>{request_id}</RequestId></ErrorResponse>"
        headers = {"x-amzn-RequestId": request_id}
    text = f'<?xml version="1.0" encoding="UTF-8"?>\n{body}'
    return Response(text, status=refusal.status, content_type="text/xml", headers=headers)
