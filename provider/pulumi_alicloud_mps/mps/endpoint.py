"""Where an API is: host and port, by HTTPS except on this machine."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import ip_address
from urllib.parse import urlsplit

from .errors import SettingsError

LOCAL = "local"
"""The endpoint that means the embedded MPS."""

VPC = "vpc"
"""The endpoint that means the hosts inside of Alibaba Cloud's own networks."""

# As MPS's documentation lists them, for the public network and for VPCs.
_REGIONAL = re.compile(r"mts(?:-vpc)?\.([a-z0-9-]+)\.aliyuncs\.com")
_LABEL = "[A-Za-z0-9](?:[A-Za-z0-9_-]{0,61}[A-Za-z0-9])?"
_HOST = re.compile(rf"(?:\[[0-9A-Fa-f:.]+\]|{_LABEL}(?:\.{_LABEL})*)(?::[0-9]+)?")


@dataclass(frozen=True)
class Endpoint:
    """Host and port of an API, by HTTPS except on loopback."""

    host: str
    secure: bool = True

    @property
    def loopback(self) -> bool:
        """Whether it lies on this machine."""
        return _is_loopback(urlsplit(f"//{self.host}").hostname or "")

    @property
    def region(self) -> str | None:
        """The region that it serves, where its name says so."""
        found = _REGIONAL.fullmatch(urlsplit(f"//{self.host}").hostname or "")
        return found[1] if found else None


def parse_endpoint(text: str, setting: str = "alicloud-mps:endpoint") -> Endpoint:
    """Read an endpoint such as `mts.cn-shanghai.aliyuncs.com` or `http://127.0.0.1:8080`.

    Raises:
        SettingsError: It is no host, or plain HTTP to another machine than this one.
    """
    scheme, _, rest = text.rpartition("://")
    host = rest.rstrip("/")
    try:
        parts = urlsplit(f"//{host}")
        valid = bool(_HOST.fullmatch(host)) and bool(parts.hostname) and parts.port != 0
    except ValueError:
        valid = False
    if not valid or scheme not in {"", "http", "https"}:
        shown = re.sub("[^/@]*@", "…@", text)
        raise SettingsError(
            f"{setting}: {shown!r} is not a host name; give one such as"
            f" mts.cn-shanghai.aliyuncs.com, {VPC!r} for the hosts inside of a VPC,"
            f" or {LOCAL!r} for the embedded MPS"
        )
    loopback = _is_loopback(parts.hostname or "")
    if scheme == "http" and not loopback:
        raise SettingsError(
            f"{setting}: plain HTTP goes to this machine only; use https:// for {host}"
        )
    return Endpoint(host, secure=scheme == "https" or not (scheme or loopback))


def _is_loopback(hostname: str) -> bool:
    try:
        return ip_address(hostname).is_loopback
    except ValueError:
        return hostname == "localhost"
