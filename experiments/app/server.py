"""The server of the workshop's screen: Starlette on this machine alone. All it sends comes from this folder."""

import json
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.explain import household
from abm.scenario import load
from experiments.app.export.provenance import provenance
from experiments.app.export.routes import routes
from experiments.app.frames import town
from experiments.app.futures import Future, Studio, with_policies
from experiments.app.switches import shelf

PAGE = Path(__file__).with_name("page")
SECURITY = {
    "Content-Security-Policy": "default-src 'self'; img-src 'self' data: blob:; style-src 'self' 'unsafe-inline'",
    "Cache-Control": "no-store",
}


def application(scenarios: dict[str, Path], first: str, names: bool = False, data: Path | None = None) -> Starlette:
    """The page and its questions. ``scenarios``: files by name; ``first``: the one shown at the beginning."""
    studio = Studio()
    app = Starlette(
        routes=[
            Route("/", _index),
            Route("/api/scenarios", _answer(_scenarios)),
            Route("/api/city", _answer(_city)),
            Route("/api/future", _answer(_future), methods=["POST"]),
            Route("/api/future/{key}", _answer(_poll)),
            Route("/api/future/{key}/frame/{year:int}", _answer(_frame)),
            Route("/api/future/{key}/family/{year:int}/{row:int}", _answer(_family)),
            *routes(_answer, _config, _city),
            Mount("/page", StaticFiles(directory=PAGE)),
        ]
    )
    app.state.studio, app.state.scenarios, app.state.first = studio, scenarios, first
    app.state.names, app.state.data, app.state.configs = names, data, {}
    return app


def _answer(handler):
    """A handler whose errors are sentences: 400 for what the user can mend, 404 for what is not there (any more)."""

    def answered(request: Request, body: dict[str, Any]) -> Response:
        try:
            out = handler(request, body)
            return out if isinstance(out, Response) else JSONResponse(out, headers=SECURITY)
        except ScenarioError as error:
            return JSONResponse({"error": str(error)}, status_code=400, headers=SECURITY)
        except (KeyError, IndexError) as error:
            return JSONResponse({"error": f"not there: {error}"}, status_code=404, headers=SECURITY)

    async def endpoint(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        raw = await request.body()
        try:
            body = json.loads(raw) if raw else {}
        except ValueError:
            return JSONResponse({"error": "the question is not JSON"}, status_code=400, headers=SECURITY)
        return await run_in_threadpool(answered, request, body)

    return endpoint


async def _index(_: Request) -> Response:
    return Response((PAGE / "index.html").read_text(encoding="utf-8"), media_type="text/html", headers=SECURITY)


def _config(request: Request, name: str) -> Config:
    """The scenario of a name, read once."""
    state = request.app.state
    if name not in state.scenarios:
        raise ScenarioError(f"no scenario {name!r}; one of {', '.join(state.scenarios)}")
    if name not in state.configs:
        state.configs[name] = load(state.scenarios[name], data=state.data)
    return state.configs[name]


def _scenarios(request: Request, _: dict) -> dict[str, Any]:
    state = request.app.state
    return {"scenarios": list(state.scenarios), "first": state.first}


def _city(request: Request, body: dict) -> dict[str, Any]:
    """The city, once year 0 of its baseline is there, and the shelf."""
    asked = {"scenario": request.app.state.first, "seed": 1} | dict(request.query_params) | body
    name, seed = str(asked["scenario"]), int(asked["seed"])
    config = _config(request, name)
    future = request.app.state.studio.future(config, seed, config.run.years)
    while not future.states and not future.done.wait(0.02):
        pass
    if future.error:
        raise ScenarioError(future.error)
    return {
        "town": town(future.states[0].world, config, request.app.state.names), "title": config.title,
        "description": " ".join(config.description.split()), "years": config.run.years, "baseline": future.key,
        "shelf": shelf(config), "seed": seed, "scenario": name,
        **provenance(config, request.app.state.scenarios[name]),
    }  # fmt: skip


def _future(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Begin a future: scenario, seed, years, policies; ``near``: a future whose first years may be the same."""
    config = _config(request, str(body.get("scenario", request.app.state.first)))
    config = with_policies(config, body.get("policies", []))
    seed, years = int(body.get("seed", 1)), int(body.get("years", config.run.years))
    return request.app.state.studio.future(config, seed, years, str(body.get("near", ""))).told()


def _known(request: Request) -> Future:
    return request.app.state.studio.futures[request.path_params["key"]]


def _poll(request: Request, _: dict) -> dict[str, Any]:
    return _known(request).told(int(request.query_params.get("since", "0")))


def _frame(request: Request, _: dict) -> Response:
    frame = _known(request).frame(request.path_params["year"])
    return Response(frame, media_type="application/octet-stream", headers=SECURITY)


def _family(request: Request, _: dict) -> dict[str, Any]:
    """Why a family is where it is."""
    model = _known(request).model(request.path_params["year"])
    view = household(model, request.path_params["row"])
    return {"about": view.about, "considered": view.considered, "offer": view.offer, "outcome": view.outcome}
