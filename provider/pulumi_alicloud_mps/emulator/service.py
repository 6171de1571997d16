"""One emulated MPS behind its wire: takes calls, gives answers, and keeps a record of both."""

from collections import deque
from http import HTTPStatus

from .actions import find_action
from .answers import Answer, Content, refusal, success
from .errors import ApiError, internal
from .gatekeeper import Gatekeeper
from .model import MpsModel
from .records import utc_text
from .wire import Call

_MOST_RECORDS = 20_000
_UNRECORDED = frozenset({"Signature", "SecurityToken", "SignatureNonce"})


class MpsService:
    """Answers calls to the API out of a model.

    Attributes:
        model: The state behind it.
        requests: The last 20,000 calls in order, without secrets, ready for JSON.
    """

    def __init__(self, model: MpsModel) -> None:
        self.model = model
        self.requests: deque[Content] = deque(maxlen=_MOST_RECORDS)
        self._gatekeeper = Gatekeeper(model.clock)
        self._settings_at_start = model.settings

    def answer(self, call: Call) -> Answer:
        """Carry out a call; whatever goes wrong becomes an answer too."""
        try:
            content = self._carry_out(call)
        except ApiError as error:
            return self.refuse(call, error)
        except Exception:  # noqa: BLE001 - a fault of one call must not end the server
            return self.refuse(call, internal())
        self._record(call, None, HTTPStatus.OK)
        return success(call.action, content, call.answer_format)

    def refuse(self, call: Call, error: ApiError) -> Answer:
        """Answer a call with an error."""
        self._record(call, error.code, error.status)
        return refusal(error, call.host, call.answer_format)

    def reset(self) -> None:
        """Forget all state and all calls; the settings are again those of the start."""
        self.model.reset()
        self.model.settings = self._settings_at_start
        self._gatekeeper.forget()
        self.requests.clear()

    def _carry_out(self, call: Call) -> Content:
        call.check_text()
        carry_out = find_action(call)
        self._gatekeeper.admit(call, self.model.settings)
        return carry_out(self.model, call)

    def _record(self, call: Call, code: str | None, status: HTTPStatus) -> None:
        shown = {name: call.parameters[name] for name in call.parameters if name not in _UNRECORDED}
        self.requests.append(
            {
                "Action": call.action or None,
                "Parameters": shown,
                "Code": code,
                "HTTPStatus": int(status),
                "Time": utc_text(self.model.clock()),
            }
        )
