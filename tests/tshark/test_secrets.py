"""Passwords and authentication data appear in no message, not in the Info column, and not in statistics.

Stock shows passwords, and mqtt5.property.authentication_data shows authentication data to those who ask for it by name; neither is a
message that people paste into a ticket.
"""
import re

import pytest

import harness
import pdml

# As pdml names them: stock's, and ours.
SECRET_FIELDS = ("mqtt.passwd", "mqtt.prop_auth_data", "mqtt5.property.authentication_data")
SHORTEST = 6  # bytes; shorter ones are words that also appear in messages ("again", "wrong")


def printable(secret):
    """Bytes as they could appear in a text: unchanged, escaped, and as hexadecimal digits."""
    escaped = "".join(chr(byte) if 0x20 <= byte < 0x7F else f"\\x{byte:02x}" for byte in secret)
    return {escaped, secret.decode(errors="replace"), secret.hex(), secret.hex(":"), secret.hex(" ")}


def secrets_of(lines):
    """The contents of the secret fields of a pdml, as bytes."""
    found = set()
    for line in lines:
        match = re.match(r'\s*<field name="([^"]+)"[^>]*? value="([0-9a-f]+)"', line)
        if match and match[1] in SECRET_FIELDS and len(match[2]) >= 2 * SHORTEST:
            found.add(bytes.fromhex(match[2]))
    return found


def real_captures():
    return sorted((harness.CAPTURES / "real").glob("*.pcapng"))


@pytest.fixture(scope="module")
def two(tshark, made):
    """All captures as two: made ones, and real ones."""
    merged = tshark.files / "real-merged.pcapng"
    harness.subprocess.run(["mergecap", "-a", "-w", merged, *real_captures()], check=True)
    merged.chmod(0o644)
    return [made.merged, merged]


@pytest.fixture(scope="module")
def secrets(tshark, two):
    found = {path: {text for secret in secrets_of(tshark.lines(path, "-T", "pdml", *harness.OF_MQTT)) for text in printable(secret)} for path in two}
    assert sum(map(len, found.values())) >= 20, "the captures hold no secrets that could leak"
    return found


def leaks(text, secrets):
    return sorted(secret for secret in secrets if secret in text)


def test_info(tshark, secrets):
    """What the plugin adds to the Info column."""
    for path, known in secrets.items():
        with_us, without_us = tshark.info(path), tshark.info(path, plugin=False)
        for number, text in with_us.items():
            if text != without_us[number]:
                assert not leaks(text, known - set(leaks(without_us[number], known))), (path.name, number, text)


def test_expert_statistics(tshark, secrets):
    for path, known in secrets.items():
        ours = tshark.read(path, "-q", "-z", "expert")
        stock = tshark.read(path, "-q", "-z", "expert", plugin=False)
        assert not leaks(ours, known - set(leaks(stock, known))), path.name


STATISTICS = ("mqtt5,tree", "mqtt5_findings,tree", "mqtt5_causes,tree", "mqtt5_topics,tree", "mqtt5,sessions", "mqtt5,srt")
# All our fields by name, except the one for authentication data.
ASKED_FOR = {"mqtt5.property.authentication_data"}


def test_messages_and_fields(tshark, secrets, two):
    """No expert message and no field of ours has a secret in its value or in what it shows: client identifiers, user names, causes,
    evidence, filters and topics. Frame by frame: all of them do not belong into memory."""
    seen = set()
    for path in two:
        for number, packet in enumerate(pdml.packets(tshark.lines(path, "-T", "pdml", *harness.OF_MQTT)), 1):
            frame = pdml.read_packet(packet)
            for expert in frame.experts:
                assert not leaks(expert.message, secrets[path]), (path.name, number, expert.message)
            for field in frame.fields:
                seen.add(field.name)
                if field.name not in ASKED_FOR:
                    assert not leaks(f"{field.show}\n{field.showname}", secrets[path]), (path.name, number, field)
    assert {"mqtt5.client_id", "mqtt5.user_name", "mqtt5.finding", "mqtt5.reason_code"} <= seen


@pytest.mark.parametrize("passes", [[], ["-2"]], ids=["one-pass", "two-passes"])
def test_statistics(passes, tshark, secrets, two):
    """Except for words that are also topics of other connections."""
    wanted = [word for name in STATISTICS for word in ("-z", name)]
    for path in two:
        printed = tshark.read(path, *passes, "-q", *wanted)
        topics = tshark.read(path, *passes, "-T", "fields", "-e", "mqtt.topic")
        assert printed.count("=====") > 5 and not leaks(printed, secrets[path] - set(leaks(topics, secrets[path]))), path.name


def test_text(tshark, secrets, two):
    """What is shown by default: of our fields, only the one for authentication data."""
    for path in two:
        ours = [line for line in tshark.lines(path, "-V") if re.match(r" +\[", line) and "Authentication Data" not in line]
        assert ours and not any(leaks(line, secrets[path]) for line in ours), path.name


def test_the_search_finds(secrets):
    """The search itself: the passwords of a made capture are among the secrets."""
    assert any("secret" in secret for found in secrets.values() for secret in found)
