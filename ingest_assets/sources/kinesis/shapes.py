"""The parts of Kinesis's answers that are used, checked item by item: another shape costs the stream that it is in."""

from __future__ import annotations

from datetime import datetime

from pydantic import BaseModel, ConfigDict, Field
from pydantic.alias_generators import to_pascal


class _Shape(BaseModel):
    """Ignores what it does not declare; an explicit null is the same as a missing key."""

    model_config = ConfigDict(alias_generator=to_pascal)


class ModeDetails(_Shape):
    """``StreamModeDetails``."""

    stream_mode: str


class StreamSummary(_Shape):
    """``StreamDescriptionSummary``."""

    stream_name: str = Field(min_length=1)
    stream_arn: str = Field(alias="StreamARN", pattern=r"^arn(:[^:]*){4}:.")
    stream_status: str
    retention_period_hours: int
    open_shard_count: int
    stream_mode_details: ModeDetails | None = None
    stream_creation_timestamp: datetime | None = None
    encryption_type: str | None = None
    key_id: str | None = None
    consumer_count: int | None = None
    max_record_size_in_ki_b: int | None = Field(default=None, alias="MaxRecordSizeInKiB")


class SequenceNumberRange(_Shape):
    """Where a shard begins and, once it is closed, ends."""

    starting_sequence_number: str
    ending_sequence_number: str | None = None


class Shard(_Shape):
    """A shard, as listed."""

    shard_id: str = Field(min_length=1)
    sequence_number_range: SequenceNumberRange

    @property
    def is_open(self) -> bool:
        """Whether it takes records; a closed one keeps what it has until it is too old."""
        return self.sequence_number_range.ending_sequence_number is None
