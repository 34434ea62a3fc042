"""Amazon S3: objects with conditional writes, and listings in real pages."""

from __future__ import annotations

import base64
import hashlib
from collections.abc import Mapping
from urllib.parse import quote

from ingest_assets.sandbox.aws.operations import Caller, Operation, Params, Tokens
from ingest_assets.sandbox.aws.refusal import Refusal
from ingest_assets.sandbox.company.objects import Buckets, StoredObject
from ingest_assets.sandbox.fault_sites import FaultKind
from ingest_assets.sandbox.faults import Faults

_PAGE = 1000
_OBJECT = frozenset({"Bucket", "Key"})
# What says nothing that could be ignored: boto3 sends these with every upload and download.
_PUT = frozenset(
    {"Body", "ContentLength", "ContentType", "ContentMD5", "Metadata", "ChecksumAlgorithm", "ChecksumCRC32"}
)
_LIST = frozenset({"Prefix", "Delimiter", "MaxKeys", "ContinuationToken", "StartAfter", "EncodingType"})


class S3Service:
    """The S3 operations that are built.

    Args:
        buckets: The state behind.
        tokens: Issues and checks continuation tokens.
        faults: For the kind that only a listing can act out.
        page: Keys a page.
    """

    name = "s3"

    def __init__(self, buckets: Buckets, tokens: Tokens, faults: Faults, page: int = _PAGE) -> None:
        self._buckets = buckets
        self._tokens = tokens
        self._faults = faults
        self._most = page

    @property
    def operations(self) -> Mapping[str, Operation]:
        """See ``AwsService``."""
        reads = _OBJECT | {"ChecksumMode", "IfMatch", "IfNoneMatch"}
        bucket = frozenset({"Bucket"})
        return {
            "GetObject": Operation(self.get_object, reads | {"Range"}),
            "HeadObject": Operation(self.head_object, reads),
            "PutObject": Operation(self.put_object, _OBJECT | _PUT | {"IfMatch", "IfNoneMatch"}),
            "DeleteObject": Operation(self.delete_object, _OBJECT | {"IfMatch"}),
            "ListObjectsV2": Operation(self.list_objects_v2, bucket | _LIST),
            "HeadBucket": Operation(self.head_bucket, bucket),
            "CreateBucket": Operation(self.create_bucket, bucket | {"CreateBucketConfiguration"}),
        }

    def head_bucket(self, caller: Caller, params: Params) -> Params:
        """``HeadBucket``."""
        self._require(caller, "s3:ListBucket", params["Bucket"])
        self._objects(params["Bucket"])
        return {"BucketRegion": caller.region}

    def create_bucket(self, caller: Caller, params: Params) -> Params:
        """``CreateBucket``."""
        self._require(caller, "s3:CreateBucket", params["Bucket"])
        if not self._buckets.create(params["Bucket"]):
            message = "Your previous request to create the named bucket succeeded and you already own it."
            raise Refusal("BucketAlreadyOwnedByYou", message, 409)
        return {"Location": f"/{params['Bucket']}"}

    def get_object(self, caller: Caller, params: Params) -> Params:
        """``GetObject``, whole or one range of bytes."""
        stored = self._read(caller, params)
        answer = _facts(stored, params)
        span = params.get("Range")
        if span is None:
            return {**answer, "Body": stored.body}
        first, last = _byte_range(span, len(stored.body))
        body = stored.body[first : last + 1]
        answer.pop("ChecksumCRC32", None)  # S3's checksum is of the whole object, so it stays away from parts
        return {
            **answer,
            "Body": body,
            "ContentLength": len(body),
            "ContentRange": f"bytes {first}-{last}/{len(stored.body)}",
        }

    def head_object(self, caller: Caller, params: Params) -> Params:
        """``HeadObject``."""
        return _facts(self._read(caller, params), params)

    def put_object(self, caller: Caller, params: Params) -> Params:
        """``PutObject``, also only if the key is new (``If-None-Match: *``) or still what it was (``If-Match``)."""
        self._require(caller, "s3:PutObject", params["Bucket"], params["Key"])
        stored = StoredObject(
            params.get("Body", b""), params.get("ContentType", "binary/octet-stream"), params.get("Metadata", {})
        )
        _check_digests(stored, params)
        with self._buckets.lock:
            objects = self._objects(params["Bucket"])
            _check_conditions(objects.get(params["Key"]), params)
            objects[params["Key"]] = stored
        return {"ETag": stored.etag, "ChecksumCRC32": stored.crc32, "ChecksumType": "FULL_OBJECT"}

    def delete_object(self, caller: Caller, params: Params) -> Params:
        """``DeleteObject``: a key that isn't there is deleted all the same."""
        self._require(caller, "s3:DeleteObject", params["Bucket"], params["Key"])
        with self._buckets.lock:
            objects = self._objects(params["Bucket"])
            if "IfMatch" in params:
                _check_conditions(objects.get(params["Key"]), params)
            objects.pop(params["Key"], None)
        return {}

    def list_objects_v2(self, caller: Caller, params: Params) -> Params:
        """``ListObjectsV2``: keys in order, folded at a delimiter, continued by token."""
        bucket, prefix = params["Bucket"], params.get("Prefix", "")
        self._require(caller, "s3:ListBucket", bucket)
        size = min(params.get("MaxKeys", _PAGE), self._most)
        listing = f"{bucket}\0{prefix}\0{params.get('Delimiter', '')}"
        start = self._tokens.position(listing, params.get("ContinuationToken"), "InvalidArgument")
        with self._buckets.lock:
            objects = dict(self._objects(bucket))
        keys = _entries(sorted(objects), prefix, params.get("Delimiter", ""))
        after = params.get("StartAfter", "") if start is None else start
        rest = [entry for entry in keys if entry > after]
        page, encode = rest[:size], quote if params.get("EncodingType") == "url" else str
        answer: Params = {
            "Name": bucket,
            "Prefix": encode(prefix),
            "MaxKeys": size,
            "KeyCount": len(page),
            "IsTruncated": len(rest) > size,
            "Contents": [_listed(encode(key), objects[key]) for key in page if key in objects],
            "CommonPrefixes": [{"Prefix": encode(entry)} for entry in page if entry not in objects],
        }
        if self._loops(params):
            answer |= {"IsTruncated": True, "NextContinuationToken": params["ContinuationToken"]}
        elif answer["IsTruncated"] and page:
            answer["NextContinuationToken"] = self._tokens.issue(listing, page[-1])
        echoed: Params = {name: params[name] for name in ("ContinuationToken", "EncodingType") if name in params}
        encoded: Params = {name: encode(params[name]) for name in ("Delimiter", "StartAfter") if name in params}
        return {**answer, **echoed, **encoded}

    def _objects(self, bucket: str) -> dict[str, StoredObject]:
        objects = self._buckets.objects(bucket)
        if objects is None:
            raise Refusal("NoSuchBucket", "The specified bucket does not exist", 404)
        return objects

    def _read(self, caller: Caller, params: Params) -> StoredObject:
        self._require(caller, "s3:GetObject", params["Bucket"], params["Key"])
        with self._buckets.lock:
            stored = self._objects(params["Bucket"]).get(params["Key"])
        if stored is None:
            # without ListBucket S3 does not even say that a key is missing
            self._require(caller, "s3:ListBucket", params["Bucket"])
            raise Refusal("NoSuchKey", "The specified key does not exist.", 404)
        if "IfMatch" in params and params["IfMatch"] != stored.etag:
            raise _precondition_failed()
        if "IfNoneMatch" in params and params["IfNoneMatch"] in ("*", stored.etag):
            raise Refusal("NotModified", "Not Modified", 304)
        return stored

    def _loops(self, params: Params) -> bool:
        subject = f"{params['Bucket']}/{params.get('Prefix', '')}"
        return "ContinuationToken" in params and bool(
            self._faults.take(self.name, "ListObjectsV2", subject, [FaultKind.LOOP_TOKEN])
        )

    def _require(self, caller: Caller, action: str, bucket: str, key: str | None = None) -> None:
        resource = f"arn:aws:s3:::{bucket}" + ("" if key is None else f"/{key}")
        caller.principal.require(action, resource)


def _facts(stored: StoredObject, params: Params) -> Params:
    facts: Params = {
        "AcceptRanges": "bytes",
        "LastModified": stored.modified,
        "ContentLength": len(stored.body),
        "ETag": stored.etag,
        "ContentType": stored.content_type,
        "Metadata": stored.metadata,
    }
    if params.get("ChecksumMode") == "ENABLED":
        facts |= {"ChecksumCRC32": stored.crc32, "ChecksumType": "FULL_OBJECT"}
    return facts


def _listed(key: str, stored: StoredObject) -> Params:
    return {
        "Key": key,
        "LastModified": stored.modified,
        "ETag": stored.etag,
        "Size": len(stored.body),
        "StorageClass": "STANDARD",
    }


def _entries(keys: list[str], prefix: str, delimiter: str) -> list[str]:
    """Keys below a prefix in order, those with the delimiter further on folded into one common prefix."""
    found: dict[str, None] = {}
    for key in keys:
        if not key.startswith(prefix):
            continue
        cut = key.find(delimiter, len(prefix)) if delimiter else -1
        found[key if cut < 0 else key[: cut + len(delimiter)]] = None
    return list(found)


def _check_conditions(old: StoredObject | None, params: Params) -> None:
    if "IfNoneMatch" in params:
        if params["IfNoneMatch"] != "*":
            raise Refusal("NotImplemented", "A header you provided implies functionality not implemented", 501)
        if old is not None:
            raise _precondition_failed()
    if "IfMatch" in params:
        if old is None:
            raise Refusal("NoSuchKey", "The specified key does not exist.", 404)
        if params["IfMatch"].strip('"') != old.etag.strip('"') and params["IfMatch"] != "*":
            raise _precondition_failed()


def _precondition_failed() -> Refusal:
    message = "At least one of the pre-conditions you specified did not hold"
    return Refusal("PreconditionFailed", message, 412)


def _check_digests(stored: StoredObject, params: Params) -> None:
    md5 = base64.b64encode(hashlib.md5(stored.body, usedforsecurity=False).digest()).decode()
    if params.get("ContentMD5", md5) != md5 or params.get("ChecksumCRC32", stored.crc32) != stored.crc32:
        message = "The Content-MD5 or checksum value that you specified did not match what the server received."
        raise Refusal("BadDigest", message)


def _byte_range(span: str, length: int) -> tuple[int, int]:
    unit, _, bounds = span.partition("=")
    first, _, last = bounds.partition("-")
    if unit != "bytes" or not (first or last).isdigit() or "," in bounds:
        raise Refusal("NotImplemented", f"The sandbox serves single byte ranges, not {span!r}", 501)
    start = int(first) if first else max(0, length - int(last))
    end = min(int(last), length - 1) if first and last else length - 1
    if start >= length or start > end:
        raise Refusal("InvalidRange", "The requested range is not satisfiable", 416)
    return start, end
