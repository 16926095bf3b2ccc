"""Which driver speaks what. Adding another one: a folder beside smpp/, and a line here."""

from __future__ import annotations

from caesura.messages.drivers.driver import Driver, Host
from caesura.messages.drivers.http.driver import HttpDriver
from caesura.messages.drivers.smpp.driver import SmppDriver
from caesura.messages.drivers.smtp.driver import SmtpDriver
from caesura.messages.port import HttpOptions, ProviderConfig, SmppOptions, SmtpOptions


def make_driver(config: ProviderConfig, host: Host) -> Driver:
    match config.options:
        case SmppOptions():
            return SmppDriver(config, host)
        case HttpOptions():
            return HttpDriver(config, host)
        case SmtpOptions():
            return SmtpDriver(config, host)
