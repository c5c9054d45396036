"""Ends TLS in front of a broker, as a cloud does: alpn_server.py PORT BROKER_PORT CERTIFICATE KEY KEY_LOG ALPN...

It speaks the ALPN that are named, and nothing to a client without one of them.
"""
import socket
import ssl
import sys
import threading


def copy(source, target):
    """One direction, until its end."""
    try:
        while data := source.recv(65536):
            target.sendall(data)
        target.shutdown(socket.SHUT_WR)
    except OSError:
        pass  # the other direction has ended


def serve(client, broker):
    other = threading.Thread(target=copy, args=(broker, client))
    other.start()
    copy(client, broker)
    other.join()
    client.close()
    broker.close()


def main(port, broker_port, certificate, key, key_log, *protocols):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    context.set_alpn_protocols(list(protocols))
    context.keylog_filename = key_log
    context.num_tickets = 0
    with socket.create_server(("127.0.0.1", int(port))) as listener:
        print("ready", flush=True)
        while True:
            plain, _ = listener.accept()
            client = context.wrap_socket(plain, server_side=True)
            print(client.selected_alpn_protocol(), flush=True)
            threading.Thread(target=serve, args=(client, socket.create_connection(("127.0.0.1", int(broker_port)))), daemon=True).start()


main(*sys.argv[1:])
