"""The command lines of the processes that make up a node."""

from __future__ import annotations

from urllib.parse import unquote, urlsplit, urlunsplit

from caesura.serve.child import Program
from caesura.serve.instance import Instance
from caesura.settings import Address, ServerSettings

_SIP_PORT_STEP = 2  # from one cell's line to the next's


def line(settings: ServerSettings, instance: Instance, index: int) -> Program:
    """SIP signalling for one cell."""
    name = f"line-{index}"
    return Program(
        name=name,
        module="caesura.voice.line",
        arguments=[
            f"--socket={instance.socket(name)}",
            f"--sip={sip_address(settings, index)}",
        ],
        log_file=instance.log_file(name),
        socket=instance.socket(name),
        stop_timeout_s=1.5,
    )


def media(settings: ServerSettings, instance: Instance, index: int) -> Program:
    """RTP and WebRTC for one cell."""
    name = f"media-{index}"
    return Program(
        name=name,
        module="caesura.voice.media",
        arguments=[
            f"--socket={instance.socket(name)}",
            f"--host={settings.media_host}",
            f"--ports={settings.media_ports.share(index, settings.cells)}",
            f"--desk-ports={settings.webrtc_ports.share(index, settings.cells)}",
            *(f"--desk-host={host}" for host in settings.webrtc_hosts),
        ],
        log_file=instance.log_file(name),
        socket=instance.socket(name),
        stop_timeout_s=1.0,
    )


def messenger(settings: ServerSettings, instance: Instance, index: int) -> Program:
    """Messages of one cell."""
    name = f"messenger-{index}"
    return Program(
        name=name,
        module="caesura.messages",
        arguments=[f"--socket={instance.socket(name)}"],
        log_file=instance.log_file(name),
        socket=instance.socket(name),
        stop_timeout_s=1.5,
    )


def cell(settings: ServerSettings, instance: Instance, index: int, database_url: str) -> Program:
    """One dialer."""
    name = f"cell-{index}"
    node = settings.node if settings.cells == 1 else f"{settings.node}/{index}"
    spool = instance.data_dir / "cells" / str(index)
    spool.mkdir(parents=True, exist_ok=True)
    url, secrets = _without_password(database_url)
    return Program(
        name=name,
        module="caesura.cell",
        arguments=[
            f"--database={url}",
            f"--line={instance.socket(f'line-{index}')}",
            f"--media={instance.socket(f'media-{index}')}",
            f"--messenger={instance.socket(f'messenger-{index}')}",
            f"--data={spool}",
            f"--spool-mib={settings.spool_mib}",
            f"--node={node}",
            *([f"--predictive-pacer={pacer}"] if (pacer := settings.predictive_pacer) else []),
        ],
        log_file=instance.log_file(name),
        environment=secrets,
        stop_timeout_s=2.5,
    )


def web(settings: ServerSettings, instance: Instance, database_url: str) -> Program:
    """The HTTP API."""
    url, secrets = _without_password(database_url)
    uploads = instance.data_dir / "uploads"
    uploads.mkdir(mode=0o700, exist_ok=True)
    return Program(
        name="web",
        module="caesura.web",
        arguments=[f"--database={url}", f"--http={settings.http}", f"--spool={uploads}"],
        log_file=instance.log_file("web"),
        environment=secrets,
        stop_timeout_s=2.5,
    )


def sip_address(settings: ServerSettings, index: int) -> Address:
    """Where the line of cell `index` listens."""
    return Address(settings.sip.host, settings.sip.port + index * _SIP_PORT_STEP)


def _without_password(url: str) -> tuple[str, dict[str, str]]:
    """The URL as all may see it in the process list, and its password as libpq reads it."""
    parts = urlsplit(url)
    if parts.password is None:
        return url, {}
    userinfo, _, host = parts.netloc.rpartition("@")
    user = userinfo.partition(":")[0]
    shown = urlunsplit(parts._replace(netloc=f"{user}@{host}"))
    return shown, {"PGPASSWORD": unquote(parts.password)}
