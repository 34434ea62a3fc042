"""How Glue describes file formats: input and output classes, SerDes, and the crawler's classification."""

from __future__ import annotations

from dataclasses import dataclass, field

_HIVE = "org.apache.hadoop.hive.ql.io"
_SERDE = "org.apache.hadoop.hive.serde2"
_TEXT_IN = "org.apache.hadoop.mapred.TextInputFormat"
_TEXT_OUT = f"{_HIVE}.HiveIgnoreKeyTextOutputFormat"


@dataclass(frozen=True)
class FileFormat:
    """One file format in Glue's words."""

    classification: str
    input_format: str
    output_format: str
    serde: str
    serde_parameters: dict[str, str] = field(default_factory=dict)


PARQUET = FileFormat(
    "parquet",
    f"{_HIVE}.parquet.MapredParquetInputFormat",
    f"{_HIVE}.parquet.MapredParquetOutputFormat",
    f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
    {"serialization.format": "1"},
)
ORC = FileFormat("orc", f"{_HIVE}.orc.OrcInputFormat", f"{_HIVE}.orc.OrcOutputFormat", f"{_HIVE}.orc.OrcSerde")
AVRO = FileFormat(
    "avro",
    f"{_HIVE}.avro.AvroContainerInputFormat",
    f"{_HIVE}.avro.AvroContainerOutputFormat",
    f"{_SERDE}.avro.AvroSerDe",
)
JSON = FileFormat("json", _TEXT_IN, _TEXT_OUT, "org.openx.data.jsonserde.JsonSerDe", {"paths": ""})
CSV = FileFormat("csv", _TEXT_IN, _TEXT_OUT, f"{_SERDE}.OpenCSVSerde", {"separatorChar": ",", "quoteChar": '"'})
DELIMITED = FileFormat("csv", _TEXT_IN, _TEXT_OUT, f"{_SERDE}.lazy.LazySimpleSerDe", {"field.delim": ";"})
TSV = FileFormat(
    "csv",
    _TEXT_IN,
    _TEXT_OUT,
    f"{_SERDE}.lazy.LazySimpleSerDe",
    {"field.delim": "\t", "serialization.format": "\t"},
)
HUDI = FileFormat(
    "parquet",
    "org.apache.hudi.hadoop.HoodieParquetInputFormat",
    f"{_HIVE}.parquet.MapredParquetOutputFormat",
    f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
)
SYMLINK = FileFormat(
    "parquet",
    f"{_HIVE}.SymlinkTextInputFormat",
    f"{_HIVE}.HiveIgnoreKeyTextOutputFormat",
    f"{_HIVE}.parquet.serde.ParquetHiveSerDe",
)
DELTA_PLACEHOLDER = FileFormat(
    "parquet",
    "org.apache.hadoop.mapred.SequenceFileInputFormat",
    f"{_HIVE}.HiveSequenceFileOutputFormat",
    f"{_SERDE}.lazy.LazySimpleSerDe",
    {"serialization.format": "1"},
)
