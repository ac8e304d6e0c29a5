"""TLS before a PostgreSQL server: what the embedded one was built without."""

import select
import socket
import socketserver
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

REQUEST = 8
"""How many bytes a client sends to ask for encryption."""

ASKED = 80877103
"""What they end with."""


def authority(folder: Path) -> Path:
    """Makes an authority's certificate, with its key beside it."""
    folder.mkdir()
    _openssl("-subj", "/CN=authority", "-keyout", folder / "ca.key", "-out", folder / "ca.pem")
    return folder / "ca.pem"


@contextmanager
def encrypted(port: int, signed_by: Path, host: str = "127.0.0.1") -> Iterator[int]:
    """Listens for clients that ask for encryption, and hands on what they say to a server.

    Args:
        port: Where the server listens.
        signed_by: The certificate of the authority that signs the one that is shown.
        host: The address that this certificate is for.

    Yields:
        The port to connect to.
    """
    key, shown = signed_by.with_name("server.key"), signed_by.with_name("server.pem")
    signing = ("-CA", signed_by, "-CAkey", signed_by.with_name("ca.key"))
    _openssl("-subj", "/CN=server", "-addext", f"subjectAltName=IP:{host}", *signing,
             "-keyout", key, "-out", shown)  # fmt: skip
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(shown, key)

    class Handler(socketserver.BaseRequestHandler):
        def handle(self) -> None:
            # A client that does not like the certificate hangs up.
            with suppress(OSError):
                _serve(self.request, context, port)

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Handler) as listener:
        listener.daemon_threads = True
        threading.Thread(target=listener.serve_forever).start()
        try:
            yield listener.server_address[1]
        finally:
            listener.shutdown()


def _serve(client: socket.socket, context: ssl.SSLContext, port: int) -> None:
    asked = client.recv(REQUEST, socket.MSG_WAITALL)
    if int.from_bytes(asked[4:]) != ASKED:
        return
    client.sendall(b"S")
    with (
        context.wrap_socket(client, server_side=True) as outer,
        socket.create_connection(("127.0.0.1", port)) as inner,
    ):
        to = {outer: inner, inner: outer}
        while True:
            ready = [outer] if outer.pending() else select.select(list(to), [], [])[0]
            for side in ready:
                data = side.recv(1 << 16)
                if not data:
                    return
                to[side].sendall(data)


def _openssl(*arguments: object) -> None:
    command = ["openssl", "req", "-x509", "-newkey", "rsa:2048", "-noenc", *map(str, arguments)]
    subprocess.run(command, check=True, capture_output=True)
