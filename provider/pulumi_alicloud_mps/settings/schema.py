"""The table of settings: what there is to set, where, and what counts where it is not set.

One entry is all that a setting needs to be read from a stack's configuration and the environment,
to be an argument of `Provider`, to be known to `alicloud-mps doctor`, and to be in the reference.
"""

import math
from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, TypedDict

from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.mps.access import CONNECT_TIMEOUT, READ_TIMEOUT

from .endpoint import LOCAL, VPC, parse_endpoint

if TYPE_CHECKING:
    import pulumi

    Text = pulumi.Input[str] | None
    Number = pulumi.Input[float] | None

# Our own configuration wins over that of pulumi-alicloud, so that a stack that is set up
# for the latter works as it is.
CONFIG_SPACES = ("alicloud-mps", "alicloud")
OWN_SPACE, SHARED_SPACE = CONFIG_SPACES

PROVIDER_NAME = f"{OWN_SPACE}:provider"
"""The key that tells a provider's process that it serves an explicit provider, and which."""


class Group(StrEnum):
    """Settings that come from one source together: half from each of two would not match."""

    KEYS = "keys"
    HOSTS = "hosts"


def as_text(value: str, name: str) -> str:
    """Return a text as it is."""
    del name
    return value


def as_number(value: object, name: str) -> float:
    """Read a number; a stack's configuration has text, and an explicit provider numbers.

    Raises:
        SettingsError: It is not a number above 0.
    """
    try:
        number = math.nan if isinstance(value, bool) else float(str(value))
    except ValueError:
        number = math.nan
    if not 0 < number < math.inf:
        raise SettingsError(f"{name}: must be a number above 0, such as 10")
    return number


def as_account_id(value: str, name: str) -> str:
    """Return the ID of an account.

    Raises:
        SettingsError: It is not an account ID.
    """
    if not (value.isascii() and value.isdigit()):
        raise SettingsError(f"{name}: must be the ID of an account, such as 1234567890123456")
    return value


def as_bundle(value: str, name: str) -> str:
    """Return the path of a file that is there.

    Raises:
        SettingsError: It is not there.
    """
    if not Path(value).exists():
        raise SettingsError(
            f"{name}: {value} not found; give the file of the certificates to trust"
        )
    return value


def as_host(value: str, name: str) -> object:
    """Read MPS's endpoint: a host, or one of two words that stand for more than one."""
    return value if value in {LOCAL, VPC} else parse_endpoint(value, name)


@dataclass(frozen=True)
class Region:
    """A region that a resource gets where it names none.

    A `deliberate` one was written down for this stack; one from the environment is not, and never
    moves a library that exists.
    """

    name: str
    deliberate: bool


@dataclass(frozen=True)
class Setting:
    """Everything about a setting except its name and type.

    Attributes:
        about: What it is, for users.
        default: What counts where no source has it, in words.
        environment: The variables that give it, the first that is set, in the order that
            pulumi-alicloud has. Of a key pair and its token, those at the same place go together.
        shared: Whether pulumi-alicloud has it, too, and its value counts after our own.
        secret: Whether it is a secret in every state.
        group: The settings that come from the same source.
        read: Checks a value that was given under that name, and returns what is meant.
    """

    about: str
    default: str
    environment: tuple[str, ...] = ()
    shared: bool = False
    secret: bool = False
    group: Group | None = None
    read: Callable[[Any, str], object] = as_text


class ProviderArgs(TypedDict, total=False):
    """The settings, as the arguments of a `Provider`."""

    region: Annotated[
        "Text",
        Setting(
            "the region of libraries that name none themselves",
            "the profile's, if the keys are not set elsewhere",
            ("ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID"),
            shared=True,
        ),
    ]
    profile: Annotated[
        "Text",
        Setting(
            "the profile of the aliyun CLI that gives the keys",
            "Alibaba Cloud's default chain",
            ("ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"),
            shared=True,
            group=Group.KEYS,
        ),
    ]
    access_key: Annotated[
        "Text",
        Setting(
            "the ID of an access key",
            "the profile",
            (
                "ALICLOUD_ACCESS_KEY",
                "ALIBABA_CLOUD_ACCESS_KEY_ID",
                "ALIBABACLOUD_ACCESS_KEY_ID",
            ),
            shared=True,
            secret=True,
            group=Group.KEYS,
        ),
    ]
    secret_key: Annotated[
        "Text",
        Setting(
            "the secret of the access key",
            "the profile",
            (
                "ALICLOUD_SECRET_KEY",
                "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
                "ALIBABACLOUD_ACCESS_KEY_SECRET",
            ),
            shared=True,
            secret=True,
            group=Group.KEYS,
        ),
    ]
    security_token: Annotated[
        "Text",
        Setting(
            "the STS token of a temporary key pair",
            "none",
            (
                "ALICLOUD_SECURITY_TOKEN",
                "ALIBABA_CLOUD_SECURITY_TOKEN",
                "ALIBABACLOUD_SECURITY_TOKEN",
            ),
            shared=True,
            secret=True,
            group=Group.KEYS,
        ),
    ]
    endpoint: Annotated[
        "Text",
        Setting(
            "MPS's host, or `vpc`, or `local`",
            "`mts.<region>.aliyuncs.com`",
            group=Group.HOSTS,
            read=as_host,
        ),
    ]
    sts_endpoint: Annotated[
        "Text",
        Setting(
            "the host of STS, which tells whose the keys are",
            "`sts.<region>.aliyuncs.com`",
            group=Group.HOSTS,
            read=parse_endpoint,
        ),
    ]
    account_id: Annotated[
        "Text",
        Setting(
            "the account that the keys belong to",
            "asked of STS",
            group=Group.KEYS,
            read=as_account_id,
        ),
    ]
    ca_bundle: Annotated[
        "Text",
        Setting(
            "the file of the certificate authorities to trust",
            "those of `certifi`",
            # The first is the SDK's; the others are those of requests and of OpenSSL.
            ("ALIBABA_CLOUD_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
            read=as_bundle,
        ),
    ]
    connect_timeout: Annotated[
        "Number",
        Setting(
            "how long to wait for a connection", f"{CONNECT_TIMEOUT:g} seconds", read=as_number
        ),
    ]
    read_timeout: Annotated[
        "Number",
        Setting("how long to wait for an answer", f"{READ_TIMEOUT:g} seconds", read=as_number),
    ]
    calls_per_second: Annotated[
        "Number",
        Setting(
            "the most calls that one process makes",
            "50 a second, after up to 40 (or those of one second) at once",
            read=as_number,
        ),
    ]
    call_log: Annotated[
        "Text", Setting("the file that each call is noted in", "none", ("ALICLOUD_MPS_CALL_LOG",))
    ]


SETTINGS: dict[str, Setting] = {
    name: kind.__metadata__[0] for name, kind in ProviderArgs.__annotations__.items()
}
"""Every setting, by the name that it has in a program."""


def key_of(name: str) -> str:
    """Return what a setting is called in a stack's configuration, such as `accessKey`."""
    first, *rest = name.split("_")
    return first + "".join(part.title() for part in rest)


NAMES = {key_of(name): name for name in SETTINGS}
"""What the keys of our own space are called in a program; no other key is read."""

SECRETS = frozenset(key for key, name in NAMES.items() if SETTINGS[name].secret)
"""The keys whose values are secrets in every state, whatever the configuration calls them."""

NOT_IN_CLEAR = tuple(
    f"{space}:{key}"
    for space in CONFIG_SPACES
    # The ID of a key is not secret by itself.
    for key in sorted(SECRETS - {"accessKey"})
)
"""The full keys whose values have to be encrypted in a stack's configuration."""

UNSUPPORTED = (
    "assumeRole",
    "assumeRoleWithOidc",
    "credentialsUri",
    "ecsRoleName",
    "sharedCredentialsFile",
)
"""How pulumi-alicloud gets other keys than those that are set beside these; not supported here."""
