"""The table of settings: what there is to set, where, and what the defaults are.

An entry makes a setting readable from a stack's configuration and the environment, and known to
`alicloud-mps doctor`; `ProviderArgs` makes it an argument of `Provider`. The client gets its value
in the field of the same name of `mps.access.Access`, and acts on it.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from itertools import product
from typing import TYPE_CHECKING, TypedDict

from pulumi_alicloud_mps.mps.access import AT_ONCE, CALLS_PER_SECOND, CONNECT_TIMEOUT, READ_TIMEOUT
from pulumi_alicloud_mps.state.deployment import key_of

if TYPE_CHECKING:
    import pulumi

    Text = pulumi.Input[str] | None
    Number = pulumi.Input[float] | None

# Our own configuration wins over that of pulumi-alicloud, so a stack that is set up
# for the latter works as it is.
CONFIG_SPACES = ("alicloud-mps", "alicloud")
OWN_SPACE, SHARED_SPACE = CONFIG_SPACES

DYNAMIC_PACKAGE = "pulumi-python"
"""The package that every dynamic resource belongs to."""

PROVIDER_NAME = f"{OWN_SPACE}:provider"
"""The key that names the explicit provider that a process serves, if it serves one."""


class Kind(StrEnum):
    """What values a setting has."""

    TEXT = "text"
    NUMBER = "number"
    HOST = "host"
    ENDPOINT = "endpoint"
    FILE = "file"
    ACCOUNT = "account"


@dataclass(frozen=True)
class Region:
    """A region that a resource gets if it names none.

    A `deliberate` one was written down for this stack; one from the environment is not, and never
    moves a library that exists.
    """

    name: str
    deliberate: bool


@dataclass(frozen=True)
class Setting:
    """Everything about a setting except its name.

    Attributes:
        about: What it is, for users.
        default: The default value, described in words.
        environment: The variables that give it, the first that is set, in the order that
            pulumi-alicloud has. Of a key pair and its token, those of one position go together.
        shared: Whether pulumi-alicloud has it, too, and its value counts after our own.
        secret: Whether it is a secret in every state.
        kind: What values it has.
    """

    about: str
    default: str
    environment: tuple[str, ...] = ()
    shared: bool = False
    secret: bool = False
    kind: Kind = Kind.TEXT


SETTINGS = {
    "region": Setting(
        "the region of libraries that don't set their own",
        "the profile's, if the keys are not set elsewhere",
        ("ALICLOUD_REGION", "ALIBABA_CLOUD_REGION", "ALIBABA_CLOUD_REGION_ID"),
        shared=True,
    ),
    "profile": Setting(
        "the profile of the aliyun CLI that gives the keys",
        "Alibaba Cloud's default chain",
        ("ALICLOUD_PROFILE", "ALIBABA_CLOUD_PROFILE"),
        shared=True,
    ),
    "access_key": Setting(
        "the ID of an access key",
        "the profile",
        ("ALICLOUD_ACCESS_KEY", "ALIBABA_CLOUD_ACCESS_KEY_ID", "ALIBABACLOUD_ACCESS_KEY_ID"),
        shared=True,
        secret=True,
    ),
    "secret_key": Setting(
        "the secret of the access key",
        "the profile",
        (
            "ALICLOUD_SECRET_KEY",
            "ALIBABA_CLOUD_ACCESS_KEY_SECRET",
            "ALIBABACLOUD_ACCESS_KEY_SECRET",
        ),
        shared=True,
        secret=True,
    ),
    "security_token": Setting(
        "the STS token of a temporary key pair",
        "none",
        ("ALICLOUD_SECURITY_TOKEN", "ALIBABA_CLOUD_SECURITY_TOKEN", "ALIBABACLOUD_SECURITY_TOKEN"),
        shared=True,
        secret=True,
    ),
    "endpoint": Setting(
        "MPS's host, or `vpc`, or `local`",
        "`mts.<region>.aliyuncs.com`",
        kind=Kind.ENDPOINT,
    ),
    "sts_endpoint": Setting(
        "the host of STS, which identifies the account of the keys",
        "`sts.<region>.aliyuncs.com`",
        kind=Kind.HOST,
    ),
    "account_id": Setting(
        "the account that the keys belong to",
        "what STS reports",
        kind=Kind.ACCOUNT,
    ),
    "ca_bundle": Setting(
        "the file of the certificate authorities to trust",
        "those of `certifi`",
        # The first is the SDK's; the others are those of requests and of OpenSSL.
        ("ALIBABA_CLOUD_CA_BUNDLE", "REQUESTS_CA_BUNDLE", "SSL_CERT_FILE"),
        kind=Kind.FILE,
    ),
    "connect_timeout": Setting(
        "how long to wait for a connection", f"{CONNECT_TIMEOUT:g} seconds", kind=Kind.NUMBER
    ),
    "read_timeout": Setting(
        "how long to wait for an answer", f"{READ_TIMEOUT:g} seconds", kind=Kind.NUMBER
    ),
    "calls_per_second": Setting(
        "maximum API calls per second of one process",
        f"{CALLS_PER_SECOND:g} of each operation a second, after up to {AT_ONCE:g} at once",
        kind=Kind.NUMBER,
    ),
    "call_log": Setting(
        "the file that each API call is logged to", "none", ("ALICLOUD_MPS_CALL_LOG",)
    ),
}
"""Every setting, by the name that it has in a program."""


class ProviderArgs(TypedDict, total=False):
    """The settings, as the arguments of a `Provider`."""

    region: Text
    profile: Text
    access_key: Text
    secret_key: Text
    security_token: Text
    endpoint: Text
    sts_endpoint: Text
    account_id: Text
    ca_bundle: Text
    connect_timeout: Number
    read_timeout: Number
    calls_per_second: Number
    call_log: Text


NAME_BY_KEY = {key_of(name): name for name in SETTINGS}
"""What the keys of our own space are called in a program; no other key is read."""

SECRETS = frozenset(key for key, name in NAME_BY_KEY.items() if SETTINGS[name].secret)
"""The keys whose values are secrets in every state, whatever the configuration calls them."""

UNSUPPORTED = (
    "assumeRole",
    "assumeRoleWithOidc",
    "credentialsUri",
    "ecsRoleName",
    "sharedCredentialsFile",
)
"""Settings that make pulumi-alicloud use other keys than those set; not supported here."""


_KEYS = {"profile", "access_key", "secret_key", "security_token", "account_id"}
_HOSTS = {"endpoint", "sts_endpoint"}


def inherited_keys(chosen: Collection[str]) -> list[str]:
    """Return the keys that an explicit provider takes from the stack's configuration.

    Keys come from one source together, and so do hosts: half from each of two would not match.
    `chosen` are the names of the settings that it is given.
    """
    taken = {*chosen}
    for group in (_KEYS, _HOSTS):
        if group & taken:
            taken |= group
    keys = [key for key, name in NAME_BY_KEY.items() if name not in taken]
    return keys if _KEYS & taken else [*keys, *UNSUPPORTED]


def unknown_setting(
    given: str, known: Iterable[str] = NAME_BY_KEY, space: str = f"{OWN_SPACE}:"
) -> str:
    """Say that a setting is unknown, and which one may be meant."""
    # Imported here: a program without such a mistake must not pay for it.
    from difflib import get_close_matches  # noqa: PLC0415

    close = get_close_matches(given, sorted(known), 1)
    way = f"did you mean {space}{close[0]}?" if close else "remove it"
    return f"unknown setting; {way}"


def plain_text_secrets(
    is_plain: Callable[[str], bool], *, in_state: bool = True
) -> Iterator[tuple[str, str]]:
    """Yield each full key that should be encrypted in a stack's configuration, and a warning.

    `is_plain` is whether the configuration has a value of that key that is not encrypted;
    `in_state` whether the state gets the configuration as it is.
    """
    copied = ", and Pulumi copies it into the state" if in_state else ""
    # The ID of a key is not secret by itself.
    for space, key in product(CONFIG_SPACES, sorted(SECRETS - {"accessKey"})):
        full_key = f"{space}:{key}"
        if is_plain(full_key):
            warning = (
                f"is stored in plain text in the stack's configuration{copied}; set it again with"
                f" `pulumi config set --secret {full_key}`, and rotate the key"
            )
            yield full_key, warning
