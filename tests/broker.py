"""A real broker, mosquitto, and clients whose bytes are recorded: a capture of what really goes over TCP, TLS and WebSocket, made without the right to
capture. The bytes are those of the peers; TCP's headers are made by frames.py.
"""
import contextlib
import os
import pathlib
import shutil
import socket
import ssl
import subprocess
import threading
import time

import mqtt
import websocket

SEGMENT = 1448  # bytes, as over Ethernet
PORTS = {"tcp": 1883, "tls": 8883, "websocket": 8080}  # as the capture has them
SYSTEM = f"{os.environ['PATH']}:/usr/sbin:/usr/local/sbin"


def program():
    """mosquitto's path, or None."""
    return shutil.which("mosquitto", path=SYSTEM)


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


class Broker:
    """mosquitto with a listener for each carrier, as a context."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.ports = {carrier: free_port() for carrier in PORTS}
        self.process = None

    def __enter__(self):
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "2", "-subj",
                        "/CN=localhost", "-keyout", "server.key", "-out", "server.crt"], cwd=self.folder, check=True, capture_output=True)
        # mosquitto 2.1 takes 2 MB by default
        lines = ["allow_anonymous true", "persistence false", "max_packet_size 10000000", *(["user root"] if os.geteuid() == 0 else [])]
        for carrier, port in self.ports.items():
            lines.append(f"listener {port} 127.0.0.1")
            if carrier == "tls":
                lines += [f"certfile {self.folder}/server.crt", f"keyfile {self.folder}/server.key"]
            if carrier == "websocket":
                lines.append("protocol websockets")
        (self.folder / "mosquitto.conf").write_text("\n".join(lines) + "\n", encoding="utf-8")
        with open(self.folder / "mosquitto.log", "wb") as log:
            self.process = subprocess.Popen([program(), "-c", self.folder / "mosquitto.conf"], stdout=log, stderr=log)
        for port in self.ports.values():
            self.wait(port)
        return self

    def __exit__(self, *_ended):
        self.process.terminate()
        self.process.wait(10)

    @contextlib.contextmanager
    def hurried(self):
        """mosquitto 2.0 reads 4 kB of WebSocket in each round of its loop, and a round takes 0.1 s, unless somebody else has a request, too."""
        over = threading.Event()
        with socket.create_connection(("127.0.0.1", self.ports["tcp"])) as asking:
            asking.sendall(mqtt.connect("hurry"))

            def ask():
                while not over.is_set() and asking.recv(64):
                    asking.sendall(mqtt.pingreq())
            thread = threading.Thread(target=ask)
            thread.start()
            try:
                yield
            finally:
                over.set()
                thread.join()

    def wait(self, port):
        for _ in range(200):
            try:
                socket.create_connection(("127.0.0.1", port)).close()
                return
            except ConnectionRefusedError:
                assert self.process.poll() is None, (self.folder / "mosquitto.log").read_text(encoding="utf-8")
                time.sleep(0.05)
        raise AssertionError("mosquitto does not listen")


class Client:
    """A connection to the broker that is recorded as one of `capture`."""

    def __init__(self, broker, capture, number, carrier, keys=None):
        capture.port = PORTS[carrier]
        self.recorded = capture.connection(number)
        self.carrier = carrier
        self.socket = socket.create_connection(("127.0.0.1", broker.ports[carrier]), 30)
        self.bytes = bytearray()  # of MQTT, not read yet
        self.tls = None
        if carrier == "tls":
            self._handshake(keys)
        self.messages = bytearray()  # of WebSocket, not read yet
        if carrier == "websocket":
            self._upgrade()

    def send(self, packet):
        """Sends a control packet. Over WebSocket a long one goes in many messages."""
        if self.carrier == "websocket":
            for at in range(0, len(packet), 60000):
                self._write(websocket.message("client", packet[at:at + 60000]))
        else:
            self._write(packet)

    def receive(self):
        """The next control packet of the broker."""
        while True:
            length = self._length()
            if length is not None and length <= len(self.bytes):
                packet, self.bytes = bytes(self.bytes[:length]), self.bytes[length:]
                return packet
            self._read()

    def close(self):
        """Says goodbye, and records the end that follows."""
        self.send(mqtt.disconnect())
        self.socket.close()
        self.recorded.close("client").close("server").acknowledge("client")

    def _length(self):
        """Of the packet at the start of what has come, or None."""
        for at in range(1, min(5, len(self.bytes))):
            if self.bytes[at] < 0x80:
                return at + 1 + sum((self.bytes[1 + digit] & 0x7F) << 7 * digit for digit in range(at))
        return None

    def _write(self, data):
        if not self.tls:
            return self._to_wire(data)
        for at in range(0, len(data), 16384):
            self.tls.write(data[at:at + 16384])
            self._to_wire(self.outgoing.read())
        return None

    def _to_wire(self, data):
        for at in range(0, len(data), SEGMENT):
            self.recorded.client(data[at:at + SEGMENT])
        self.socket.sendall(data)

    def _from_wire(self):
        data = self.socket.recv(1 << 20)
        assert data, "mosquitto has closed the connection"
        for at in range(0, len(data), SEGMENT):
            self.recorded.server(data[at:at + SEGMENT])
        return data

    def _read(self):
        data = self._from_wire()
        if self.tls:
            self.incoming.write(data)
            data = b""
            while True:
                try:
                    data += self.tls.read(1 << 20)
                except ssl.SSLWantReadError:
                    break
        if self.carrier == "websocket":
            self.messages += data
            self._unpack()
        else:
            self.bytes += data

    def _handshake(self, keys):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
        context.check_hostname, context.verify_mode, context.keylog_filename = False, ssl.CERT_NONE, os.fspath(keys)
        self.incoming, self.outgoing = ssl.MemoryBIO(), ssl.MemoryBIO()
        self.tls = context.wrap_bio(self.incoming, self.outgoing, server_hostname="localhost")
        while True:
            try:
                self.tls.do_handshake()
                self._to_wire(self.outgoing.read())
                return
            except ssl.SSLWantReadError:
                self._to_wire(self.outgoing.read())
                self.incoming.write(self._from_wire())

    def _upgrade(self):
        self._to_wire(b"GET /mqtt HTTP/1.1\r\nHost: localhost\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Protocol: mqtt\r\n"
                      b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n\r\n")
        while b"\r\n\r\n" not in self.messages:
            self.messages += self._from_wire()
        del self.messages[:self.messages.index(b"\r\n\r\n") + 4]
        self._unpack()

    def _unpack(self):
        """The payloads of the whole messages that have come."""
        while len(self.messages) >= 2:
            header, length = 2, self.messages[1] & 0x7F
            if length >= 126:
                header = 4 if length == 126 else 10
                if len(self.messages) < header:
                    return
                length = int.from_bytes(self.messages[2:header], "big")
            if len(self.messages) < header + length:
                return
            self.bytes += self.messages[header:header + length]
            del self.messages[:header + length]
