"""The settings of an emulator: durations, limits, keys, undocumented behaviour."""

import re
from collections.abc import Mapping, Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

LOCAL_ACCESS_KEY_ID = "local"
"""Access key ID that an emulator accepts by default. It opens nothing else."""

LOCAL_ACCESS_KEY_SECRET = "local-secret"  # noqa: S105 - it opens only an emulator
"""Access key secret that belongs to :data:`LOCAL_ACCESS_KEY_ID`."""

LIST_FIRST = "list-first="
"""The beginning of the quirk that takes a number."""

QUIRKS = {
    "odd-libraries": "List without IDs also shows three other people's libraries: one without a"
    " name, one without model and status, one of an unknown model",
    "bare-create": "The response to CreateFpShotDB has the FpDBId, and nothing else",
    "trimmed-text": "Name and description are stored without extra spaces",
    "recoded-text": "Name and description are stored with `?` in place of what is not ASCII",
    "other-states": "States have other names: `preparing`, `normal`, `suspended`; only `deleted`"
    " is as documented",
    "other-job-words": "The statuses of delete jobs have other names: `Waiting`, `Running`,"
    " `Succeeded`; only `Fail` is as documented",
    "denied-first": "NonExistIds names a library the first time that it is asked for by its ID",
    "denied-always": "NonExistIds names every library that is asked for by its ID, like a host"
    " that knows none of them",
    "empty-pages": "Each page of ListFpShotFiles comes after an empty one that has a NextPageToken",
    "upper-ids": "FpDBIds are upper-case UUIDs with hyphens",
    "unlisted-text": "ListFpShotFiles lists nothing for text libraries",
    f"{LIST_FIRST}N": "List without IDs shows only the first N libraries of the region",
}
"""Ways in which MPS may differ from its documentation; the last one takes a number."""


class EmulatorSettingsError(ValueError):
    """A change of settings was refused. ``str()`` is one line that names the setting."""

    def __init__(self, setting: str, rule: str = "") -> None:
        super().__init__(f"setting {setting!r}: {rule}" if rule else f"unknown setting {setting!r}")
        self.setting, self.rule = setting, rule


def _check_quirk(text: str) -> str:
    if not re.fullmatch(f"{LIST_FIRST}[0-9]{{1,4}}", text) and text not in list(QUIRKS)[:-1]:
        raise ValueError(f"must be one of {', '.join(QUIRKS)}")
    return text


class EmulatorSettings(BaseModel):
    """Immutable settings of one emulator.

    Each has an option of the command, whose help is the first sentence of the description.
    docs/reference/emulator.md has the whole descriptions.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True, allow_inf_nan=False)

    activation_seconds: float = Field(
        default=3.0,
        ge=0,
        description="Seconds from the creation of a library (`offline`) until it is `active`."
        " Not documented by MPS; long enough to see it",
    )
    deletion_seconds: float = Field(
        default=3.0,
        ge=0,
        description="Seconds from the submission of a delete job until its `Success`. The first"
        " half is `Queuing`, the second `Analysing`. Not documented",
    )
    quota: int = Field(
        default=5,
        ge=0,
        description="Libraries that may exist at a time. The vendor's default is five per user."
        " Whether that counts per region, and counts deleted ones, is not documented: here it is"
        " per account, without deleted ones",
    )
    calls_per_second: int = Field(
        default=100,
        ge=0,
        description="Calls of one action in any one second; 0 means no limit",
    )
    video_creations: int = Field(
        default=10,
        ge=0,
        description="Video libraries of a region that may be on their way to `active` at a time;"
        ' 0 means no limit. Documented as "By default … up to 10 jobs … at a time", and more "may'
        ' fail"',
    )
    access_key_id: str = Field(
        default=LOCAL_ACCESS_KEY_ID, min_length=1, description="The access key ID that is accepted"
    )
    access_key_secret: str = Field(
        default=LOCAL_ACCESS_KEY_SECRET,
        min_length=1,
        repr=False,
        description="Its secret. Never shown",
    )
    security_token: str | None = Field(
        default=None,
        min_length=1,
        repr=False,
        description="The STS token that each call must carry; if unset, none may. Never shown",
    )
    list_without_ids: Literal["all", "none", "refused"] = Field(
        default="all",
        description="Without IDs, ListFpShotDB lists `all` libraries of the region or `none`, or"
        " is `refused`. Not documented; but the parameter is optional, which suggests that"
        " everything is listed",
    )
    deleted_libraries: Literal["status", "missing"] = Field(
        default="status",
        description='ListFpShotDB lists a deleted library with the `status` "deleted", or names it'
        " in NonExistIds as `missing`. Both are documented: `deleted` as a status, and"
        " NonExistIds for libraries that don't exist",
    )
    unique_names: bool = Field(
        default=False,
        description="Refuse a name that is taken in the region. No such rule is documented",
    )
    quirks: Sequence[Annotated[str, AfterValidator(_check_quirk)]] = Field(
        default=(),
        description="Quirks: ways in which MPS may differ from its documentation. A list of the"
        " names below",
    )

    def changed(self, changes: Mapping[str, object]) -> "EmulatorSettings":
        """Return these settings with some replaced.

        Raises:
            EmulatorSettingsError: A name is unknown or a value doesn't fit. Nothing is changed.
        """
        for name in changes:
            if name not in EmulatorSettings.model_fields:
                raise EmulatorSettingsError(name)
        try:
            return EmulatorSettings.model_validate({**self.model_dump(), **changes})
        except ValidationError as error:
            # Only the location and the rule: pydantic's own text would quote a secret value.
            problem = error.errors(include_input=False, include_url=False)[0]
            rule = problem["msg"].removeprefix("Value error, ")
            raise EmulatorSettingsError(str(problem["loc"][0]), rule) from None

    def to_dict(self) -> dict[str, object]:
        """Return all settings but the secret ones, ready for JSON."""
        return self.model_dump(exclude={"access_key_secret", "security_token"})
