"""A relay before an emulator that spoils the calls it is told to."""

import http.client
import ssl
from collections.abc import Callable
from urllib.parse import urlsplit

from raw_server import Answer, Fault, RawServer, Request
from raw_server import http as http_answer


class Relay(RawServer):
    """Forwards calls to an emulator, except where `spoil` says otherwise."""

    def __init__(self, target: str, port: int = 0, tls: ssl.SSLContext | None = None) -> None:
        super().__init__(self._pass_on, port=port, tls=tls)
        self._target = urlsplit(target).netloc
        self._spoilt: dict[tuple[str, int], Callable[[Request], Answer]] = {}

    def answer(self, action: str, number: int, answer: Answer) -> None:
        """Answer the n-th call of an action (from 1) in the emulator's place."""
        self._spoilt[action, number] = lambda _: answer

    def alter(self, action: str, number: int, change: Callable[[bytes], Answer]) -> None:
        """Forward the n-th call of an action, and alter the answer to it."""
        self._spoilt[action, number] = lambda request: change(self.forward(request))

    def lose(
        self, action: str, number: int, meanwhile: Callable[[], object] = lambda: None
    ) -> None:
        """Forward the n-th call of an action, and lose the answer to it."""

        def lost(_: bytes) -> Answer:
            meanwhile()
            return Fault.CLOSE

        self.alter(action, number, lost)

    def forward(self, request: Request) -> bytes:
        """Send a request on and return the answer to it."""
        connection = http.client.HTTPConnection(self._target, timeout=20)
        try:
            connection.request(request.method, request.target, request.body, request.headers)
            answer = connection.getresponse()
            return http_answer(answer.status, answer.read())
        finally:
            connection.close()

    def _pass_on(self, request: Request) -> Answer:
        # The server has counted this one already.
        spoilt = self._spoilt.get((request.action, self.count(request.action)))
        return spoilt(request) if spoilt else self.forward(request)
