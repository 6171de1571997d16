"""A client of the emulator that signs in the headers, and can spoil every part of a call."""

import hashlib
import uuid
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, quote, urlencode, urlsplit

from emulator.calls import Clock, Reply, request
from pulumi_alicloud_mps.emulator import LOCAL_ACCESS_KEY_ID, LOCAL_ACCESS_KEY_SECRET
from pulumi_alicloud_mps.emulator.header_signature import ALGORITHM, HeaderSigned, sign
from pulumi_alicloud_mps.emulator.records import utc_text


@dataclass
class HeaderClient:
    """Signs and sends calls by the header signature.

    Attributes:
        headers: Headers that are sent and signed instead of the usual ones; None leaves one out.
        unsigned: Names of headers that are sent and not signed.
    """

    url: str
    clock: Clock
    key: str = LOCAL_ACCESS_KEY_ID
    secret: str = LOCAL_ACCESS_KEY_SECRET
    method: str = "POST"
    headers: dict[str, str | None] = field(default_factory=dict)
    unsigned: Sequence[str] = ()

    def call(
        self, action: str, form: Mapping[str, str] | None = None, **parameters: object
    ) -> Reply:
        """Call an action with parameters in the query, and perhaps more in a form."""
        query = urlencode(parameters, quote_via=quote, safe="~")
        body = urlencode(form or {}).encode()
        return self.send(query, body, self.signed(action, query, body))

    def send(self, query: str, body: bytes, headers: Mapping[str, str]) -> Reply:
        """Send a request as it is."""
        return request(self.url, self.method, f"/?{query}" if query else "/", body, headers)

    def signed(self, action: str, query: str = "", body: bytes = b"") -> dict[str, str]:
        """Return all headers of a call."""
        every = {
            "host": urlsplit(self.url).netloc,
            "accept": "application/json",
            "x-acs-action": action,
            "x-acs-version": "2015-04-01" if action == "GetCallerIdentity" else "2014-06-18",
            "x-acs-date": utc_text(self.clock()),
            "x-acs-signature-nonce": uuid.uuid4().hex,
            "x-acs-content-sha256": hashlib.sha256(body).hexdigest(),
            **({"content-type": "application/x-www-form-urlencoded"} if body else {}),
            **self.headers,
        }
        sent = {name: value for name, value in every.items() if value is not None}
        return {**sent, "authorization": self.authorization(sent, query, body)}

    def authorization(self, headers: Mapping[str, str], query: str, body: bytes) -> str:
        """Return the header that signs the others."""
        names = ";".join(sorted(headers.keys() - set(self.unsigned)))
        parts = f"Credential={self.key},SignedHeaders={names}"
        unsigned = {**headers, "authorization": f"{ALGORITHM} {parts},Signature=?"}
        query_values = dict(parse_qsl(query, keep_blank_values=True))
        text = HeaderSigned({"x-acs-content-sha256": "", **unsigned}, query_values, body)
        signature = sign(self.secret, text.string_to_sign(self.method))
        return f"{ALGORITHM} {parts},Signature={signature}"
