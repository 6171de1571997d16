"""Where MPS is: at a host, inside of a VPC, or embedded in this process."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from urllib.parse import urlsplit

from pulumi_alicloud_mps.errors import SettingsError
from pulumi_alicloud_mps.mps.access import Access, Credentials, Endpoint
from pulumi_alicloud_mps.state.project_folder import own_folder

LOCAL, VPC = "local", "vpc"
"""The endpoints that mean the embedded MPS, and the hosts inside of Alibaba Cloud's networks."""

_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:\[[0-9A-Fa-f:.]+\]|{_LABEL}(?:\.{_LABEL})*)(?::[0-9]+)?")


def parse_endpoint(text: str, setting: str = "alicloud-mps:endpoint") -> Endpoint:
    """Read an endpoint such as `mts.cn-shanghai.aliyuncs.com` or `http://127.0.0.1:8080`.

    Raises:
        SettingsError: It is no host, or plain HTTP to another machine than this one.
    """
    scheme, _, rest = text.rpartition("://")
    host = rest.rstrip("/")
    try:
        valid = _HOST.fullmatch(host) is not None and urlsplit(f"//{host}").port != 0
    except ValueError:
        valid = False
    if not valid or scheme not in {"", "http", "https"}:
        shown = re.sub("[^/@]*@", "…@", text)
        raise SettingsError(
            f"{setting}: {shown!r} is not a host name; give one such as"
            f" mts.cn-shanghai.aliyuncs.com, {VPC!r} for the hosts inside of a VPC,"
            f" or {LOCAL!r} for the embedded MPS"
        )
    loopback = Endpoint(host).loopback
    if scheme == "http" and not loopback:
        raise SettingsError(
            f"{setting}: plain HTTP is allowed only to this machine; use https:// for {host}"
        )
    return Endpoint(host, secure=scheme == "https" or not (scheme or loopback), setting=setting)


def start_local(access: Access) -> Access:
    """Serve the project's own MPS on a free loopback port, and return access to it.

    Its libraries are in one file of the project's own folder, see `own_folder`.

    Raises:
        SettingsError: That folder can't be used.
    """
    # Imported here because only the local stack needs an HTTP server.
    from pulumi_alicloud_mps.emulator import (  # noqa: PLC0415
        LOCAL_ACCESS_KEY_ID,
        LOCAL_ACCESS_KEY_SECRET,
        DatabaseError,
        Emulator,
    )

    try:
        emulator = Emulator(own_folder(Path.cwd()) / "mps.sqlite")
        emulator.start()
    except (OSError, DatabaseError) as error:
        raise SettingsError(
            f"endpoint: the embedded MPS can't store its libraries: {error}"
        ) from error
    keys = Credentials(LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET)
    endpoint = parse_endpoint(emulator.url)
    return replace(access, endpoint=endpoint, credentials=lambda: keys, close=emulator.close)
