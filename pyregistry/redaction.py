"""Taking secrets out of lines of the log.

The registry writes none there. But it writes down what strangers sent and what other libraries
say, and either may hold one: this is the second lock.
"""

import re
from typing import Final

HIDDEN: Final = "***"

_TOKEN: Final = re.compile(r"(pyr[a-z]{3}_)[0-9A-Za-z]{8,}")
_USER_INFORMATION: Final = re.compile(r"(?<=://)[^/?#\s'\"<>]*@")
_CREDENTIAL_HEADERS: Final = "authorization|private-token|job-token|deploy-token|cookie"
_HEADER: Final = re.compile(
    rf"((?:{_CREDENTIAL_HEADERS})['\"]?\s*[:=]\s*['\"]?)[^'\"\r\n]+", re.IGNORECASE
)
_PARAMETER: Final = re.compile(
    r"((?:x-amz-signature|x-amz-credential|x-amz-security-token|signature|password|secret|token"
    r"|access_?key)=)[^&\s'\"<>]+",
    re.IGNORECASE,
)


def redacted(text: str) -> str:
    """The text without what has the form of a secret.

    Tokens of the registry keep their prefix, which says of which kind they were. Of addresses go
    user names and passwords, and what signs them; of headers those that hold credentials.
    """
    if "pyr" in text:
        text = _TOKEN.sub(rf"\1{HIDDEN}", text)
    if "://" in text:
        text = _USER_INFORMATION.sub(f"{HIDDEN}@", text)
    if "=" in text or ":" in text:
        text = _PARAMETER.sub(rf"\1{HIDDEN}", text)
        text = _HEADER.sub(rf"\1{HIDDEN}", text)
    return text
