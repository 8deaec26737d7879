"""Settings: one typed table, filled from an ini file and the environment.

`docs/settings.md` lists the same table for people.
"""

from pyregistry.settings.errors import SettingsError
from pyregistry.settings.listening import DEFAULT_PORT, port_of
from pyregistry.settings.rows import PREFIX, Setting
from pyregistry.settings.sections import application_section
from pyregistry.settings.table import SETTINGS, Settings
from pyregistry.settings.throttling import Rate

__all__ = [
    "Settings",
    "SettingsError",
    "Setting",
    "SETTINGS",
    "Rate",
    "PREFIX",
    "DEFAULT_PORT",
    "port_of",
    "application_section",
]
