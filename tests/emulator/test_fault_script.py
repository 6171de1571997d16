"""Which calls meet which rules."""

from hypothesis import given
from hypothesis import strategies as st

from emulator.calls import Client
from pulumi_alicloud_mps.emulator import Fault
from pulumi_alicloud_mps.emulator.actions import ACTIONS
from pulumi_alicloud_mps.emulator.faults import FaultScript

_LIST = "ListFpShotDB"
_CREATE = "CreateFpShotDB"

_actions = st.sampled_from(sorted(ACTIONS))
_faults = st.builds(
    lambda action, probability, seed: Fault(
        action=action, kind="close_before", probability=probability, seed=seed
    ),
    st.one_of(_actions, st.just("*")),
    st.floats(0, 1),
    st.integers(),
)


def _error(code: str, **selection: object) -> dict[str, object]:
    return {"action": "*", "kind": "error", "code": code, **selection}


def _codes(client: Client, count: int, action: str = _LIST) -> list[str | None]:
    return [client.call(action, Name="songs").json.get("Code") for _ in range(count)]


def test_numbers(client: Client) -> None:
    """Calls are counted by action, from 1 since the script was set."""
    client.ok(_LIST)
    client.set_faults(_error("A", action=_LIST, calls=[1, 3]))
    assert _codes(client, 1, _CREATE) == [None]
    assert _codes(client, 4) == ["A", None, "A", None]
    assert client.fired() == [2]


def test_every_action(client: Client) -> None:
    """A rule for every action counts the calls of all together."""
    client.set_faults(_error("A", calls=[2]))
    assert _codes(client, 1, _CREATE) + _codes(client, 2) == [None, "A", None]


def test_the_first_rule_wins(client: Client) -> None:
    """Of several rules for an answer the first is taken, and the others count the call too."""
    client.set_faults(_error("A", calls=[1]), _error("B", calls=[1, 2]), _error("C", calls=[3]))
    assert _codes(client, 4) == ["A", "B", "C", None]
    assert client.fired() == [1, 1, 1]


def test_one_of_each_sort(client: Client) -> None:
    """A call meets the first rule for its answer and the first for its result, in any order."""
    client.set_faults(
        _error("A", execute=True),
        {"action": _CREATE, "kind": "library", "state": "paused"},
        {"action": _CREATE, "kind": "unlisted", "seconds": 60},
    )
    assert _codes(client, 1, _CREATE) == ["A"]
    assert client.fired() == [1, 1, 0]
    (library,) = client.control("GET", "libraries").json
    assert library["Status"] == "paused"
    record = client.record()
    assert (record["Fault"], record["Executed"]) == ("library+error", True)


def test_refused_calls_count(client: Client) -> None:
    """A call that is refused for reasons of its own counts like any other."""
    client.set_faults(_error("A", action=_CREATE, calls=[2]))
    assert client.call(_CREATE).code == "MissingName"
    assert _codes(client, 1, _CREATE) == ["A"]


def test_what_is_no_call_meets_nothing(client: Client) -> None:
    """Control requests and other paths meet no fault."""
    client.set_faults(_error("A", calls=[1]))
    assert client.control("GET", "health").status == 200
    assert client.control("GET", "health").json["status"] == "ok"
    assert _codes(client, 1) == ["A"]


def test_probability(client: Client) -> None:
    """A probability meets some calls, and the same ones whenever the script is set again."""
    script = (_error("A", probability=0.5, seed=7), _error("B", probability=0.5, seed=8))
    runs = []
    for _ in range(2):
        client.set_faults(*script)
        runs.append(_codes(client, 20))
    assert runs[0] == runs[1]
    assert {*runs[0]} == {"A", "B", None}


@given(st.lists(_actions, max_size=40), _faults, st.integers())
def test_rules_do_not_disturb_each_other(actions: list[str], rule: Fault, seed: int) -> None:
    """What a rule meets doesn't depend on the rules beside it."""
    other = Fault(action=_CREATE, kind="unlisted", seconds=1, probability=0.5, seed=seed)
    alone, together = FaultScript([rule]), FaultScript([other, rule])
    for action in actions:
        met, _ = alone.meet(action)
        assert (together.meet(action)[0] is None) == (met is None)


@given(st.lists(_actions, max_size=40))
def test_the_ends_of_probability(actions: list[str]) -> None:
    """A probability of 0 meets nothing, one of 1 everything."""
    never, always = (
        FaultScript([Fault(action="*", kind="close_before", probability=chance, seed=1)])
        for chance in (0.0, 1.0)
    )
    for action in actions:
        assert never.meet(action)[0] is None
        assert always.meet(action)[0] is not None
