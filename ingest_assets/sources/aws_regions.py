"""Partitions and console hosts of AWS regions, those opened after the bundled botocore data included."""

from __future__ import annotations

_CONSOLES = {
    "aws": "{region}.console.aws.amazon.com",
    "aws-cn": "{region}.console.amazonaws.cn",
    "aws-us-gov": "{region}.console.amazonaws-us-gov.com",
    "aws-eusc": "{region}.console.amazonaws-eusc.eu",
    "aws-iso": "console.c2s.ic.gov",
    "aws-iso-b": "console.sc2s.sgov.gov",
    "aws-iso-e": "console.cloud.adc-e.uk",
    "aws-iso-f": "console.csp.hci.ic.gov",
}
# The longer prefix first.
_PARTITION_PREFIXES = {
    "cn-": "aws-cn",
    "us-gov-": "aws-us-gov",
    "us-isof-": "aws-iso-f",
    "eu-isoe-": "aws-iso-e",
    "us-isob-": "aws-iso-b",
    "us-iso-": "aws-iso",
    "eusc-": "aws-eusc",
}


def partition_by_name(region: str) -> str:
    """The partition that a region's name tells, for regions that botocore does not know."""
    return next((p for prefix, p in _PARTITION_PREFIXES.items() if region.startswith(prefix)), "aws")


def console_host(partition: str, region: str) -> str | None:
    """Host of the AWS console for a region; None where the partition is not known."""
    console = _CONSOLES.get(partition)
    return console and console.format(region=region)
