"""What an operator may set: one TOML file, environment variables and flags, checked as a whole."""

from tbgateway.settings.loading import load_settings
from tbgateway.settings.model import (
    Auth,
    Boards,
    Experiments,
    Log,
    Logdir,
    Server,
    Settings,
    State,
)
from tbgateway.settings.reference import SettingDescription, describe_settings
from tbgateway.settings.reloading import Reloaded, reload_settings

__all__ = [
    "Auth",
    "Boards",
    "Experiments",
    "Log",
    "Logdir",
    "Reloaded",
    "Server",
    "SettingDescription",
    "Settings",
    "State",
    "describe_settings",
    "load_settings",
    "reload_settings",
]
