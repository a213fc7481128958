"""How does a test get a pooler that mixes sessions? A small proxy: after signing in, each transaction gets any free backend."""

import socket
import struct
import threading
from collections import deque

LENGTH = struct.Struct("!I")
READY, QUERY, SYNC, TERMINATE = b"Z", b"Q", b"S", b"X"
IDLE = b"I"


class Mixing:
    """Listens on `port`. `mixes`: as PgBouncer with pool_mode=transaction; else as with pool_mode=session."""

    def __init__(self, host: str, port: int, *, mixes: bool) -> None:
        self._to, self._mixes = (host, port), mixes
        self._free: deque[socket.socket] = deque()
        self._given = threading.Condition()
        self._all: list[socket.socket] = []
        self._door = socket.create_server(("127.0.0.1", 0))
        self.port = self._door.getsockname()[1]
        threading.Thread(target=self._welcome, daemon=True).start()

    def close(self) -> None:
        for one in (self._door, *self._all):
            one.close()

    def _welcome(self) -> None:
        while True:
            try:
                client, _ = self._door.accept()
            except OSError:
                return
            threading.Thread(target=self._serve, args=(client,), daemon=True).start()

    def _connect(self) -> socket.socket:
        if self._to[0].startswith("/"):
            backend = socket.socket(socket.AF_UNIX)
            backend.connect(f"{self._to[0]}/.s.PGSQL.{self._to[1]}")
            return backend
        return socket.create_connection(self._to)

    def _serve(self, client: socket.socket) -> None:
        backend = self._connect()
        self._all += [client, backend]
        try:
            self._sign_in(client, backend)
            self._give(backend)
            while (message := _message(client)) is not None and message[:1] != TERMINATE:
                backend = self._take(backend)
                state = self._transaction(client, backend, message)
                self._give(backend)
                if state is None:
                    return
        except OSError:
            return
        finally:
            client.close()

    def _sign_in(self, client: socket.socket, backend: socket.socket) -> None:
        """The start-up packet has no type; a request for TLS is declined."""
        while True:
            (size,) = LENGTH.unpack(_exactly(client, 4))
            body = _exactly(client, size - 4)
            if LENGTH.unpack(body[:4])[0] in (80877103, 80877104):
                client.sendall(b"N")
                continue
            backend.sendall(LENGTH.pack(size) + body)
            break
        while True:
            answer = _message(backend) or b""
            client.sendall(answer)
            if answer[:1] == READY:
                return
            if answer[:1] == b"R" and LENGTH.unpack(answer[5:9])[0] in (3, 5, 10, 11):
                backend.sendall(_message(client) or b"")

    def _transaction(self, client: socket.socket, backend: socket.socket, message: bytes) -> bytes | None:
        """From a first message to the end of the transaction it may open."""
        while True:
            backend.sendall(message)
            if message[:1] in (QUERY, SYNC):
                state = self._answer(client, backend)
                if state == IDLE:
                    return state
            following = _message(client)
            if following is None or following[:1] == TERMINATE:
                return None
            message = following

    def _answer(self, client: socket.socket, backend: socket.socket) -> bytes:
        while True:
            answer = _message(backend) or b""
            client.sendall(answer)
            if answer[:1] == READY:
                return answer[5:6]

    def _give(self, backend: socket.socket) -> None:
        with self._given:
            self._free.append(backend)
            self._given.notify_all()

    def _take(self, own: socket.socket) -> socket.socket:
        """By transaction the one that was free for the longest time, by session one's own."""
        with self._given:
            self._given.wait_for(lambda: self._free if self._mixes else own in self._free, timeout=10)
            if self._mixes:
                return self._free.popleft()
            self._free.remove(own)
            return own


def _message(from_: socket.socket) -> bytes | None:
    """One message with type and length; None at the end."""
    head = from_.recv(1)
    if not head:
        return None
    size = _exactly(from_, 4)
    return head + size + _exactly(from_, LENGTH.unpack(size)[0] - 4)


def _exactly(from_: socket.socket, count: int) -> bytes:
    found = b""
    while len(found) < count:
        if not (part := from_.recv(count - len(found))):
            raise OSError("ended")
        found += part
    return found
