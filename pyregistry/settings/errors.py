"""What is raised when a setting cannot be used."""

_SHOWN_CHARACTERS = 80


class SettingsError(Exception):
    """A setting has a value that is not accepted, or there is no such setting.

    `sentence` is one line for the person who wrote the setting: the key or the
    environment variable, its value (never that of a secret), and what is accepted.
    """

    def __init__(self, sentence: str) -> None:
        super().__init__(sentence)
        self.sentence = " ".join(sentence.split())


def not_accepted(source: str, value: str, accepted: str, *, secret: bool = False) -> SettingsError:
    """The error for `value`, given by `source` (a key or an environment variable).

    `accepted` ends the sentence "give …". The value of a secret is not in it.
    """
    if secret:
        return SettingsError(f"The value of {source} (secret, not shown) is not valid: {accepted}.")
    shown = value if len(value) <= _SHOWN_CHARACTERS else f"{value[:_SHOWN_CHARACTERS]}..."
    return SettingsError(f"{source} = {shown!r} is not valid: {accepted}.")
