"""What can be chosen about an emulator: durations, limits, keys, undocumented behaviour."""

from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from .quirks import checked_quirk

LOCAL_ACCESS_KEY_ID = "local"
"""Access key ID that an emulator accepts unless told otherwise. It opens nothing else."""

LOCAL_ACCESS_KEY_SECRET = "local-secret"  # noqa: S105 - it opens only an emulator
"""Access key secret that belongs to :data:`LOCAL_ACCESS_KEY_ID`."""


ListWithoutIds = Literal["all", "none", "refused"]
DeletedLibraries = Literal["status", "missing"]

_SECRETS = frozenset({"access_key_secret", "security_token"})


class EmulatorSettingsError(ValueError):
    """A change of settings was refused. ``str()`` is one line that names the setting."""


class EmulatorSettings(BaseModel):
    """Immutable settings of one emulator.

    The last four answer questions that MPS's documentation leaves open; docs/reference/emulator.md
    gives the reason for each default.

    Attributes:
        activation_seconds: From a library's creation until it is ``active``.
        deletion_seconds: From the submission of a delete job until its ``Success``. The job is
            ``Queuing`` for the first half and ``Analysing`` for the second.
        quota: Libraries that may exist in the account at a time, over all regions.
        calls_per_second: Calls accepted in any one second. 0 means no limit.
        video_creations: Video libraries of a region that may be on their way to ``active`` at a
            time. 0 means no limit.
        access_key_id: The only key ID that is accepted.
        access_key_secret: Its secret, never shown by the control API.
        security_token: STS token that each call must carry; None means that none may.
        list_without_ids: What ListFpShotDB does without IDs: list ``all`` libraries of the
            region, list ``none``, or be ``refused``.
        deleted_libraries: Whether a deleted library is listed with the ``status`` "deleted",
            or counts as ``missing`` (NonExistIds).
        unique_names: Whether a second library of the same name in a region is refused.
        quirks: In which other respects it differs from MPS's documentation, by name.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    activation_seconds: float = Field(default=3.0, ge=0)
    deletion_seconds: float = Field(default=3.0, ge=0)
    quota: int = Field(default=5, ge=0)
    calls_per_second: int = Field(default=100, ge=0)
    video_creations: int = Field(default=10, ge=0)
    access_key_id: str = Field(default=LOCAL_ACCESS_KEY_ID, min_length=1)
    access_key_secret: str = Field(default=LOCAL_ACCESS_KEY_SECRET, min_length=1, repr=False)
    security_token: str | None = Field(default=None, min_length=1, repr=False)
    list_without_ids: ListWithoutIds = "all"
    deleted_libraries: DeletedLibraries = "status"
    unique_names: bool = False
    quirks: Sequence[Annotated[str, AfterValidator(checked_quirk)]] = ()

    def changed(self, changes: Mapping[str, object]) -> "EmulatorSettings":
        """Return these settings with some replaced.

        Raises:
            SettingsError: A name is unknown or a value doesn't fit. Nothing is changed.
        """
        for name in changes:
            if name not in EmulatorSettings.model_fields:
                raise EmulatorSettingsError(f"unknown setting {name!r}")
        try:
            return EmulatorSettings.model_validate({**self.model_dump(), **changes})
        except ValidationError as error:
            raise EmulatorSettingsError(_first_problem(error)) from None

    def shown(self) -> dict[str, object]:
        """Return all settings but the secret ones, ready for JSON."""
        return self.model_dump(exclude=set(_SECRETS))


def _first_problem(error: ValidationError) -> str:
    # Only the location and the rule: pydantic's own text would quote a secret value.
    problem = error.errors(include_input=False, include_url=False)[0]
    rule = problem["msg"].removeprefix("Value error, ")
    return f"setting {str(problem['loc'][0])!r}: {rule}"
