"""What the recordings are of: each scenario returns what the engine wrote."""

from collections.abc import Callable

from preview.world import OTHERS, World

Scenario = Callable[[World], str]

SCENARIOS: dict[str, Scenario] = {}

RETAIN = "opts=pulumi.ResourceOptions(retain_on_delete=True)"
PROTECT = "opts=pulumi.ResourceOptions(protect=True)"
CREATE_FIRST = "opts=pulumi.ResourceOptions(delete_before_replace=False)"


def _plan(before: str | None, after: str, *options: str, files: int = 0) -> Scenario:
    """Return a preview of one program where the stack has another, or none."""

    def planned(world: World) -> str:
        if before is not None:
            world.apply(before)
        if files:
            world.mps.fill(world.library("films"), files)
        return world.preview(after, *options)

    return planned


def _same(program: str, *command: str) -> Scenario:
    """Return what a command says of a stack whose program stays as it is."""

    def told(world: World) -> str:
        world.apply(program)
        return world.json(*command)

    return told


def _replacement(before: str, after: str, files: int = 0) -> Scenario:
    return _plan(f'FpShotDB("films", {before})', f'FpShotDB("films", {after})', files=files)


SCENARIOS |= {
    "create": _plan(
        None,
        """
        FpShotDB("songs", model_id=FpModel.AUDIO, description="Licensed catalogue")
        FpShotDB("films", name="films", region="cn-beijing", config={"level": 2})
        FpShotDB("stills", model_id=FpModel.IMAGE, force_destroy=True)
        FpShotDB("scripts", model_id=FpModel.TEXT)
        """,
    ),
    # Other scripts, emoji, and what writes from right to left.
    "create-unicode": _plan(
        None,
        r"""
        FpShotDB("曲库", name="授权曲库　二〇二六")
        FpShotDB("emoji-🎵", name="🎵 songs 👩‍🎤")
        FpShotDB("direction", name="abc\u202efed\u200b")
        """,
    ),
    "create-markdown": _plan(
        None,
        r"""
        FpShotDB("a|b", name="| x | y |\\| z")
        FpShotDB("`tick` ``two``", name="``` fence")
        FpShotDB("@octocat #1 [link](https://example.com)", name="<!-- --> <b>bold</b> **x**")
        FpShotDB("html", name="</details><script>alert(1)</script>-->")
        FpShotDB("lines", name="first\n\n## second\n| third |")
        """,
    ),
    "create-long": _plan(None, 'FpShotDB("long-" + "x" * 300, name="y" * 500)'),
    "create-unknown": _plan(
        None, OTHERS + '\nbucket = Bucket("media")\nFpShotDB("songs", name=bucket.address)\n'
    ),
    "no-changes": _same('FpShotDB("songs")', "preview"),
    "no-changes-listed": _same(
        OTHERS + 'FpShotDB("songs"); FpShotDB("films"); Bucket("media")', "preview", "--show-sames"
    ),
    "first-of-nothing": _plan(None, ""),
    "replace-in-steps": _plan(
        'FpShotDB("films", description="old")',
        'FpShotDB("films", description="new")',
        "--show-replacement-steps",
    ),
    "delete-destroys": _plan('FpShotDB("films", force_destroy=True)', ""),
    "delete-retained": _plan(f'FpShotDB("films", {RETAIN})', ""),
    "delete-protected": _plan(f'FpShotDB("films", {PROTECT})', ""),
    "destroy": _same(OTHERS + 'FpShotDB("films"); Bucket("media")', "destroy", "--preview-only"),
    "update-force-destroy": _plan(
        'FpShotDB("films"); FpShotDB("songs", force_destroy=True)',
        'FpShotDB("films", force_destroy=True); FpShotDB("songs")',
    ),
    # One resource only: how far the engine comes with others differs from run to run.
    "failed-inputs": _plan(None, 'FpShotDB("a|b", model_id=15, region="here")'),
    "failed-program": _plan(None, 'raise RuntimeError("```\\n# no\\n<img src=x> @octocat")'),
    "drift-none": _same('FpShotDB("films")', "refresh", "--preview-only"),
    "replace-name": _replacement('name="films-2025"', 'name="films-2026"'),
    "replace-model": _replacement("model_id=FpModel.VIDEO", "model_id=FpModel.IMAGE"),
    "replace-config": _replacement('config={"level": 1}', 'config={"level": 2, "mode": "a|b"}'),
    "replace-description": _replacement('description="Old ~text~"', "description=None"),
    "replace-region": _replacement('region="cn-shanghai"', 'region="cn-beijing"'),
    "replace-several": _replacement(
        'name="a", description="old"', 'name="b", description="new", region="cn-hangzhou"'
    ),
    "replace-destroys": _replacement(
        'description="old", force_destroy=True', 'description="new", force_destroy=True', 3
    ),
    "replace-too-late": _replacement(
        'description="old"',
        'description="new", force_destroy=True, opts=pulumi.ResourceOptions(retain_on_delete=True)',
        3,
    ),
    "replace-retained": _replacement(f'name="a", {RETAIN}', f'name="b", {RETAIN}'),
    "replace-retained-same-name": _replacement(
        f'name="a", description="old", {RETAIN}', f'name="a", description="new", {RETAIN}'
    ),
    "replace-create-first": _replacement(f'name="a", {CREATE_FIRST}', f'name="b", {CREATE_FIRST}'),
    "replace-protected": _replacement(f'name="a", {PROTECT}', f'name="b", {PROTECT}'),
    "replace-secret": _replacement(
        'description=pulumi.Output.secret("hunter2")', 'description=pulumi.Output.secret("hunter3")'
    ),
}


def scenario(function: Scenario) -> Scenario:
    """Register a scenario under its function's name."""
    SCENARIOS[function.__name__.replace("_", "-")] = function
    return function


@scenario
def replace_filled(world: World) -> str:
    """Content of which the provider knows how much is lost, destroyed or kept."""
    program = """
FpShotDB("films", description="OLD")
FpShotDB("songs", description="OLD", force_destroy=True)
FpShotDB("stills", name="OLD stills", opts=pulumi.ResourceOptions(retain_on_delete=True))
FpShotDB("empty", description="OLD")
"""
    world.apply(program.replace("OLD", "old"))
    world.mps.fill(world.library("films"), 1_234)
    world.mps.fill(world.library("songs"), 234)
    world.mps.fill(world.library("stills"), 1)
    return world.preview(program.replace("OLD", "new"))


@scenario
def replace_uncounted(world: World) -> str:
    """Content that the preview's role may not look at."""
    world.apply('FpShotDB("films", description="old")')
    world.mps.fill(world.library("films"), 3)
    world.mps.set_faults({"action": "ListFpShotFiles", "kind": "error", "code": "Forbidden.RAM"})
    return world.preview('FpShotDB("films", description="new")')


def _unknown(world: World, files: int = 0) -> str:
    """A name that may change: the preview can't know that, or what would be lost."""
    program = OTHERS + 'FpShotDB("songs", name=Bucket("media", size=SIZE).address)'
    world.apply(program.replace("SIZE", "1"))
    if files:
        world.mps.fill(world.library("songs"), files)
    return world.preview(program.replace("SIZE", "2"))


SCENARIOS |= {
    "replace-unknown": _unknown,
    "replace-unknown-filled": lambda world: _unknown(world, 3),
}


@scenario
def replace_asked_for(world: World) -> str:
    """A replacement that no property asks for."""
    world.apply('FpShotDB("films"); FpShotDB("songs")')
    return world.json("preview", "--target-replace", world.urn("films"))


@scenario
def replace_tainted(world: World) -> str:
    """A tainted library, and one that depends on it."""
    world.apply('films = FpShotDB("films"); FpShotDB("parts", description=films.id)')
    world.stack.run("state", "taint", world.urn("films"), "--yes").succeeded()
    return world.json("preview")


@scenario
def replace_halfway(world: World) -> str:
    """A replacement whose second half failed, with what it left."""
    world.apply('FpShotDB("films", description="old")')
    world.mps.change_settings(quota=0)
    world.stack.program('FpShotDB("films", description="new")')
    world.stack.up().failed()
    return world.json("preview")


@scenario
def delete(world: World) -> str:
    """Libraries that leave the program, and content in one of them."""
    world.apply('FpShotDB("films"); FpShotDB("songs", model_id=13); FpShotDB("stills")')
    world.mps.fill(world.library("songs"), 3)
    return world.preview('FpShotDB("stills")')


@scenario
def delete_moved(world: World) -> str:
    """A library that another resource takes over."""
    world.apply('FpShotDB("films", name="films", model_id=12)')
    adopted = world.library("films")
    return world.preview(f'FpShotDB("movies", name="films", model_id=12, adopt="{adopted}")')


@scenario
def delete_leftover(world: World) -> str:
    """A library that a replacement could not delete, which only this option lists."""
    world.apply(f'FpShotDB("films", name="a", {CREATE_FIRST})')
    world.stack.program(f'FpShotDB("films", name="b", {CREATE_FIRST})')
    denied = {"action": "SubmitFpDBDeleteJob", "kind": "error", "code": "Forbidden.RAM"}
    with world.mps.faulty({**denied, "status": 403}):
        world.stack.up().failed()
    return world.json("preview", "--show-replacement-steps")


@scenario
def adopt(world: World) -> str:
    """A library that is there already."""
    world.apply('FpShotDB("films", name="films", model_id=12)')
    adopted = world.library("films")
    world.stack.run("state", "delete", world.urn("films"), "--yes").succeeded()
    return world.preview(f'FpShotDB("films", name="films", model_id=12, adopt="{adopted}")')


@scenario
def read(world: World) -> str:
    """A library of another stack beside one of this."""
    world.apply('FpShotDB("films", name="films")')
    found = world.library("films")
    world.stack.run("state", "delete", world.urn("films"), "--yes").succeeded()
    return world.preview(f'FpShotDB.get("films", "{found}"); FpShotDB("songs")')


@scenario
def update_late(world: World) -> str:
    """A library that was not active in time."""
    world.mps.change_settings(activation_seconds=600)
    program = (
        'FpShotDB("late", opts=pulumi.ResourceOptions('
        'custom_timeouts=pulumi.CustomTimeouts("1s", "1s")))'
    )
    world.stack.program(program)
    world.stack.up().failed()
    return world.json("preview")


@scenario
def native_plan(world: World) -> str:
    """The native provider's libraries: replaced, deleted, created, moved to another resource."""
    program = """
RETAIN = pulumi.ResourceOptions(retain_on_delete=True)
FpShotDB("films", model_id=12, config={"level": 1})
FpShotDB("late", description="OLD", force_destroy=FORCED, opts=RETAIN if FORCED else None)
FpShotDB("songs", model_id=MODEL, description="model_id", force_destroy=True)
FpShotDB("stills", name="stills", model_id=11, force_destroy=FORCED)
FpShotDB("forced", force_destroy=FORCED, opts=pulumi.ResourceOptions(replace_on_changes=["*"]))
"""
    both = 'FpShotDB("gone")\nFpShotDB("old", name="moved", model_id=12)\n'
    before = {"OLD": "old", "FORCED": "False", "MODEL": "FpModel.AUDIO"}
    after = {"OLD": "new", "FORCED": "True", "MODEL": "FpModel.IMAGE", '"level": 1': '"level": 2'}
    world.apply(_filled_in(program, before) + both)
    for name, files in (("films", 3), ("late", 1), ("songs", 1234)):
        world.mps.fill(world.library(name), files)
    moved = f'FpShotDB("new", name="moved", model_id=12, adopt="{world.library("old")}")\n'
    return world.preview(_filled_in(program, after) + moved + 'FpShotDB("created")')


@scenario
def native_import(world: World) -> str:
    """Libraries that are there already: adopted, imported, and read."""
    taken = [world.mps.add_library(Name=name, ModelId=12) for name in ("films", "clips", "ours")]
    far = world.mps.add_library(Name="far", Region="cn-beijing")
    return world.preview(
        """
def imported(fp_db_id):
    return pulumi.ResourceOptions(import_=fp_db_id, protect=True)

"""
        f'FpShotDB("films", name="films", model_id=12, adopt="{taken[0]}")\n'
        f'FpShotDB("clips", name="clips", config={{"a": 1}}, opts=imported("{taken[1]}"))\n'
        f'FpShotDB("far", name="far", region="cn-beijing", opts=imported("cn-beijing/{far}"))\n'
        f'FpShotDB.get("ours", "{taken[2]}")\n'
    )


@scenario
def native_moved(world: World) -> str:
    """Dynamic libraries: one becomes native, one is replaced as it does so, and one stays."""
    program = """
import pulumi_alicloud_mps
import pulumi_alicloud_mps_native

KIND.FpShotDB("films", description="Licensed", force_destroy=True)
KIND.FpShotDB("songs", description="OLD")
pulumi_alicloud_mps.FpShotDB("stays", description="OLD")
"""
    world.apply(_filled_in(program, {"KIND": "pulumi_alicloud_mps", "OLD": "old"}))
    for name in ("songs", "stays"):
        world.mps.fill(world.library(name))
    after = _filled_in(program, {"KIND": "pulumi_alicloud_mps_native", "OLD": "new"})
    return world.preview(after, "--show-replacement-steps", "--show-sames")


def _filled_in(program: str, values: dict[str, str]) -> str:
    for name, value in values.items():
        program = program.replace(name, value)
    return program


@scenario
def infra(world: World) -> str:
    """A stack with more than libraries: components, changes, deletions, secrets."""
    program = (
        OTHERS
        + """
class Catalogue(pulumi.ComponentResource):
    def __init__(self, name):
        super().__init__("media:index:Catalogue", name)
        self.songs = FpShotDB(f"{name}-songs", opts=pulumi.ResourceOptions(parent=self))


Catalogue("licensed")
Bucket("media", tags={"env": "ENV", "rules": [{"days": 1}, {"days": DAYS}]}, key=SECRET)
"""
    )
    old = program.replace("ENV", "dev").replace("DAYS", "1")
    world.apply(old.replace("SECRET", 'pulumi.Output.secret("hunter2")') + 'Bucket("old")\n')
    new = program.replace("ENV", "prod").replace("DAYS", "2")
    new = new.replace("SECRET", 'pulumi.Output.secret("hunter3")')
    return world.preview(new + 'Bucket("new", acl="public"); FpShotDB("films")\n')


@scenario
def secrets_streamed(world: World) -> str:
    """Secrets in the event stream, which wraps them."""
    world.apply(
        OTHERS
        + """
secret = pulumi.Output.secret("hunter2")
FpShotDB("films", description=secret)
Bucket("media", key=secret, nested={"key": secret})
"""
    )
    return world.preview("", stream=True)


@scenario
def failed_credentials(world: World) -> str:
    """A refresh that may not look."""
    world.apply('FpShotDB("films")')
    world.stack.environment["ALICLOUD_SECRET_KEY"] = "wrong"
    return world.json("refresh", "--preview-only")


def _drift(*command: str, stream: bool = False) -> Scenario:
    """A library gone, one paused, one described anew: not every form of the engine names all."""

    def drifted(world: World) -> str:
        world.apply(
            'FpShotDB("films"); FpShotDB("songs"); FpShotDB("stills", description="old");'
            ' FpShotDB("same")'
        )
        world.mps.set_state(world.library("films"), "paused")
        world.mps.set_state(world.library("songs"), "deleted")
        world.mps.rewrite(world.library("stills"), description="by hand")
        return world.json(*command, stream=stream)

    return drifted


SCENARIOS |= {
    "drift": _drift("refresh", "--preview-only"),
    "drift-streamed": _drift("refresh", "--preview-only", stream=True),
    "drift-and-plan": _drift("preview", "--refresh"),
    # It has to be told as drift, since it runs the program.
    "drift-run-program": _drift("refresh", "--preview-only", "--run-program"),
    "native-drift": _drift("refresh", "--preview-only", stream=True),
}
