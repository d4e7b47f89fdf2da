"""The signature on what Twilio posts, by its security documentation (HMAC-SHA1 over URL and form)."""

import base64
import hmac
from collections.abc import Mapping
from hashlib import sha1


def signature_of(token: str, url: str, form: Mapping[str, str]) -> str:
    """Return the `X-Twilio-Signature` of a form POST: the full URL, then every name and value, names in order."""
    signed = url + "".join(name + form[name] for name in sorted(form))
    return base64.b64encode(hmac.new(token.encode(), signed.encode(), sha1).digest()).decode()
