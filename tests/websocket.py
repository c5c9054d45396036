"""MQTT over WebSocket: an HTTP upgrade, then messages with any bytes (RFC 6455). For made.py."""
import struct

BINARY, TEXT, CONTINUE = 2, 1, 0
MASK = b"\x12\x34\x56\x78"


def upgrade(connection, protocol, selected=None):
    """HTTP's upgrade to WebSocket with a sub-protocol, or without one; the server may select another than the client offers."""
    offered, answered = (f"Sec-WebSocket-Protocol: {name}\r\n" if name else "" for name in (protocol, protocol if selected is None else selected))
    connection.send("client", (f"GET /mqtt HTTP/1.1\r\nHost: broker\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{offered}"
                           "Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n").encode())
    connection.send("server", (f"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n{answered}"
                           "Sec-WebSocket-Accept: s3pPLMBiTxaQ9kYGzzhZRbK+xOo=\r\n\r\n").encode())


def message(side, data, opcode=BINARY, fin=True):
    """One message of a side: masked where the client sends it."""
    return frame(data, opcode, fin, mask=MASK if side == "client" else b"")


class WebSocket:
    """Speaks WebSocket over a connection of made.Capture; each call is one message in one segment."""

    def __init__(self, connection, protocol="mqtt"):
        self.connection = connection
        upgrade(connection, protocol)

    def client(self, data, opcode=BINARY, fin=True):
        self.connection.client(message("client", data, opcode, fin))
        return self

    def server(self, data, opcode=BINARY, fin=True):
        self.connection.server(message("server", data, opcode, fin))
        return self


def frame(data, opcode=BINARY, fin=True, mask=b""):
    """One WebSocket frame."""
    masked = 0x80 if mask else 0
    if len(data) < 126:
        length = bytes([masked | len(data)])
    elif len(data) < 65536:
        length = struct.pack(">BH", masked | 126, len(data))
    else:
        length = struct.pack(">BQ", masked | 127, len(data))
    if mask:
        data = bytes(byte ^ mask[at % 4] for at, byte in enumerate(data))
    return bytes([(0x80 if fin else 0) | opcode]) + length + mask + data
