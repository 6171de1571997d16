"""One emulated MPS without its network: takes calls, returns responses, and records both."""

from collections import deque
from collections.abc import Mapping, Sequence

from .actions import ACTIONS
from .auth import Authenticator
from .faults import Fault, FaultKind, FaultScript, Rule, fault_response
from .quirks import Quirks
from .records import NO_EFFECT, FaultEffect, utc_text
from .requests import ApiRequest
from .responses import ApiResponse, Content, EmulatedError, refusal, success
from .store import MpsModel

_MOST_RECORDS = 20_000
_UNRECORDED = frozenset({"Signature", "SecurityToken", "SignatureNonce"})
_UNANSWERED: frozenset[FaultKind] = frozenset({"refuse", "close_before", "close_after", "hang"})


class MpsService:
    """Answers calls to the API from a model; the faults apply at first and after a reset.

    Attributes:
        script: The faults that calls meet.
        requests: The last 20,000 calls in order, without secrets, ready for JSON.
    """

    def __init__(self, model: MpsModel, faults: Sequence[Fault] = ()) -> None:
        self.model = model
        self.script = FaultScript(faults)
        self.requests: deque[Content] = deque(maxlen=_MOST_RECORDS)
        self._authenticator = Authenticator(model.clock)
        self._quirks = Quirks()
        self._settings_at_start = model.settings
        self._faults_at_start = faults

    def answer(self, call: ApiRequest) -> tuple[ApiResponse | None, Fault | None]:
        """Carry out a call unless a fault prevents it; what goes wrong becomes a response.

        Returns:
            The response, if the client gets any, and the fault that applies to it.
        """
        response_rule, effect_rule = self.script.meet(call.action)
        fault = response_rule.fault if response_rule else None
        effect = effect_rule.fault.effect if effect_rule else NO_EFFECT
        response = None
        if fault is None or fault.executes:
            response = self._carried_out(call, effect)
        executed = response is not None and response.code is None
        if fault:
            left = None if fault.kind in _UNANSWERED else response
            response = fault_response(fault, call) or left
        # A rule that changes what a call makes needs a call that has made something.
        fired = [rule for rule in (effect_rule if executed else None, response_rule) if rule]
        for rule in fired:
            rule.fired += 1
        self._record(call, response, fired, executed=executed)
        return response, fault

    def refuse(self, call: ApiRequest, error: EmulatedError) -> ApiResponse:
        """Answer what is not a call to the API, with an error."""
        response = refusal(error, call.host, call.response_format)
        self._record(call, response, [], executed=False)
        return response

    def set_faults(self, faults: Sequence[Fault]) -> list[dict[str, object]]:
        """Replace the script, counting calls from 1 again; return it, ready for JSON."""
        self.script = FaultScript(faults)
        return self.script.to_dict()

    def change_settings(self, changes: Mapping[str, object]) -> dict[str, object]:
        """Replace some settings, all or none; return them, ready for JSON."""
        self.model.settings = self.model.settings.changed(changes)
        return self.model.settings.to_dict()

    def reset(self) -> None:
        """Forget all state and all calls; settings and faults are those of the start again."""
        self.model.reset()
        self.model.settings = self._settings_at_start
        self.script = FaultScript(self._faults_at_start)
        self._authenticator = Authenticator(self.model.clock)
        self._quirks = Quirks()
        self.requests.clear()

    def _carried_out(self, call: ApiRequest, effect: FaultEffect) -> ApiResponse:
        try:
            call.check_text()
            call.check_action()
            self._authenticator.admit(call, self.model.settings)
            quirks = self.model.settings.quirks
            understood = self._quirks.received(call, quirks)
            content = ACTIONS[call.action](self.model, understood, effect)
            content = self._quirks.answered(call, content, quirks)
        except EmulatedError as error:
            return refusal(error, call.host, call.response_format)
        except Exception:  # noqa: BLE001 - what fails in one call must not end the server
            return refusal(EmulatedError("InternalError"), call.host, call.response_format)
        return success(call.action, content, call.response_format)

    def _record(
        self, call: ApiRequest, response: ApiResponse | None, fired: list[Rule], *, executed: bool
    ) -> None:
        shown = {name: call.parameters[name] for name in call.parameters if name not in _UNRECORDED}
        self.requests.append(
            {
                "Action": call.action or None,
                "Parameters": shown,
                "Code": response.code if response else None,
                "HTTPStatus": int(response.status) if response else None,
                "Time": utc_text(self.model.clock()),
                "Fault": "+".join(rule.fault.kind for rule in fired) or None,
                "Executed": executed,
            }
        )
