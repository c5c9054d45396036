"""tests/oracle, for the tests in Python."""
import collections
import pathlib

FOLDER = pathlib.Path(__file__).resolve().parent / "oracle"
REASON_CODE_PACKETS = ["CONNACK", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBACK", "UNSUBACK", "DISCONNECT", "AUTH"]
PROPERTY_LISTS = ["CONNECT", "CONNACK", "PUBLISH", "PUBACK", "PUBREC", "PUBREL", "PUBCOMP", "SUBSCRIBE", "SUBACK", "UNSUBSCRIBE",
                  "UNSUBACK", "DISCONNECT", "AUTH", "WILL"]


def read(name):
    """The rows of one file, each with its columns by name."""
    lines = [line for line in (FOLDER / name).read_text(encoding="utf-8").splitlines() if line and not line.startswith("#")]
    row = collections.namedtuple("Row", lines[0].split("\t"), rename=True)
    return [row(*line.split("\t")) for line in lines[1:]]


def reason_codes():
    return [row._replace(code=int(row.code, 16)) for row in read("reason_codes.tsv")]


def properties():
    return [row._replace(id=int(row.id, 16)) for row in read("properties.tsv")]
