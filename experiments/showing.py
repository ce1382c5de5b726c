"""The command ``app``: the workshop's screen. Heavy imports wait until it runs."""

from pathlib import Path
from typing import Annotated

import typer

HOST = "127.0.0.1"  # this machine alone


def app(
    scenario: Annotated[Path, typer.Argument(help="Scenario shown first.")] = Path("configs/milan.toml"),
    port: Annotated[int, typer.Option(min=0, max=65535, help="Port on this machine; 0: any free one.")] = 8765,
    browser: Annotated[bool, typer.Option(help="Open the page in the browser.")] = True,
    data: Annotated[Path | None, typer.Option(help="Folder of real tables that the scenario names.")] = None,
    names: Annotated[bool, typer.Option("--names", help="Name schools instead of giving pseudonyms.")] = False,
) -> None:
    """Open the workshop's screen: two futures of a city side by side, on this machine, without internet."""
    import uvicorn

    from abm.config.declare import ScenarioError
    from abm.scenario import load
    from experiments.app.server import application

    load(scenario, data=data)
    found = {scenario.stem: scenario} | {path.stem: path for path in sorted(scenario.parent.glob("*.toml"))}
    try:
        socket = _bound(port)
    except OSError as error:
        raise ScenarioError(
            f"--port {port}: {error.strerror}; give another one, or --port 0 for any free one"
        ) from None
    address = f"http://{HOST}:{socket.getsockname()[1]}/"
    print(f"The screen is at {address} (Ctrl-C ends it)", flush=True)
    if browser:
        import webbrowser

        webbrowser.open(address)
    server = uvicorn.Server(uvicorn.Config(application(found, scenario.stem, names, data), log_level="warning"))
    server.run(sockets=[socket])


def _bound(port: int):
    import socket

    out = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    out.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    out.bind((HOST, port))
    return out
