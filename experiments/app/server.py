"""The server of the workshop's screen: Starlette on this machine alone. All it sends comes from this folder."""

import json
from collections import OrderedDict
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.trustedhost import TrustedHostMiddleware
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import Mount, Route
from starlette.staticfiles import StaticFiles

from abm.config import Config
from abm.config.declare import ScenarioError
from abm.page import LOOK
from abm.policies import SHELF
from abm.scenario import load, to_tree
from experiments.app.bands import Bands
from experiments.app.export.provenance import provenance
from experiments.app.export.routes import routes
from experiments.app.frames import digest, town, zones
from experiments.app.futures import Future, Studio, pointed, with_policies
from experiments.app.presets import presets, title
from experiments.app.session import LONGEST
from experiments.app.story import family
from experiments.app.switches import idle, shelf
from experiments.app.workers import Batch, Workers

HERE = ("127.0.0.1", "localhost")  # by another name a foreign page could lead its visitors here
QUESTIONS = 12  # questions for bands that are kept
LARGEST = 32 * 2**20  # bytes of a question
HIGHEST = 2**31 - 1  # seed, as in a saved session
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
            Route("/api/bands", _answer(_bands), methods=["POST"]),
            Route("/api/bands/{key}", _answer(_more_bands)),
            Route("/api/idle", _answer(_idle)),
            Route("/api/future/{key}/family/{year:int}/{row:int}", _answer(_family)),
            Route("/api/future/{key}/zones/{year:int}", _answer(_zones)),
            *routes(_answer, _config, _city),
            Route("/page/look.css", _look),
            Mount("/page", StaticFiles(directory=PAGE)),
        ],
        middleware=[Middleware(TrustedHostMiddleware, allowed_hosts=HERE)],
    )
    app.state.studio, app.state.scenarios, app.state.first = studio, scenarios, first
    app.state.names, app.state.data, app.state.configs = names, data, {}
    app.state.workers, app.state.bands = Workers(busy=studio.busy), OrderedDict()
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
        except (TypeError, ValueError, ArithmeticError) as error:
            return JSONResponse({"error": f"not understood: {error}"}, status_code=400, headers=SECURITY)

    async def endpoint(request: Request) -> Response:
        from starlette.concurrency import run_in_threadpool

        origin = request.headers.get("origin")
        if origin is not None and urlsplit(origin).netloc != request.headers["host"]:
            return JSONResponse({"error": "another page asks"}, status_code=403, headers=SECURITY)
        raw = bytearray()
        async for piece in request.stream():
            raw += piece
            if len(raw) > LARGEST:
                return JSONResponse({"error": "the question is too long"}, status_code=413, headers=SECURITY)
        try:
            body = json.loads(raw) if raw else {}
        except (ValueError, RecursionError):
            return JSONResponse({"error": "the question is not JSON"}, status_code=400, headers=SECURITY)
        if not isinstance(body, dict):
            return JSONResponse({"error": "the question is not a JSON object"}, status_code=400, headers=SECURITY)
        return await run_in_threadpool(answered, request, body)

    return endpoint


def _whole(asked: dict[str, Any], key: str, default: int, low: int, high: int) -> int:
    """A whole number within bounds, or the text of one. ScenarioError for all else."""
    value = asked.get(key, default)
    known = isinstance(value, int) and not isinstance(value, bool)
    if isinstance(value, str) and value.isdecimal() and len(value) < 20:
        known, value = True, int(value)
    if known and low <= value <= high:
        return value
    raise ScenarioError(f"{key}: must be a whole number from {low} to {high} (it is {value!r:.40})")


def _span(body: dict[str, Any], base: Config) -> tuple[int, int]:
    """Seed and years that are asked for."""
    return _whole(body, "seed", 1, 0, HIGHEST), _whole(body, "years", base.run.years, 0, LONGEST)


async def _index(_: Request) -> Response:
    return Response((PAGE / "index.html").read_text(encoding="utf-8"), media_type="text/html", headers=SECURITY)


async def _look(_: Request) -> Response:
    """Colours and letters, which screen and reports share."""
    return Response(LOOK.read_text(encoding="utf-8"), media_type="text/css", headers=SECURITY)


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
    titles = {name: title(path) for name, path in state.scenarios.items()}
    return {"scenarios": list(state.scenarios), "first": state.first, "titles": titles}


def _city(request: Request, body: dict) -> dict[str, Any]:
    """The city, once year 0 of its baseline is there, and the shelf."""
    asked = {"scenario": request.app.state.first, "seed": 1} | dict(request.query_params) | body
    name, seed = str(asked["scenario"]), _whole(asked, "seed", 1, 0, HIGHEST)
    config = _config(request, name)
    future = request.app.state.studio.future(config, seed, config.run.years)
    while not future.states and not future.done.wait(0.02):
        pass
    if future.error:
        raise ScenarioError(future.error)
    if not future.states:
        raise KeyError(future.key)
    return {
        "town": town(future.states[0].world, config, request.app.state.names), "title": config.title,
        "description": " ".join(config.description.split()), "years": config.run.years, "baseline": future.key,
        "own_policies": len(config.policies),
        "shelf": shelf(config), "presets": presets(request.app.state.scenarios[name]), "seed": seed, "scenario": name,
        **provenance(config, request.app.state.scenarios[name]),
    }  # fmt: skip


def _future(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Begin a future: scenario, seed, years, policies; ``near``: a future whose first years may be the same."""
    base = _config(request, str(body.get("scenario", request.app.state.first)))
    seed, years = _span(body, base)
    config = _with(request, base, seed, body)
    return request.app.state.studio.future(config, seed, years, str(body.get("near", ""))).told()


def _with(request: Request, base: Config, seed: int, body: dict[str, Any]) -> Config:
    """The scenario with the policies asked for."""
    policies = body.get("policies", [])
    if any(isinstance(entry, dict) and entry.get("schools") for entry in policies):
        policies = pointed(request.app.state.studio.future(base, seed, base.run.years), policies)
    return with_policies(base, policies)


def _bands(request: Request, body: dict[str, Any]) -> dict[str, Any]:
    """Begin the bands of both futures: scenario, seed, years, policies; ``wrong``: over sets of parameters too."""
    state, name = request.app.state, str(body.get("scenario", request.app.state.first))
    base = _config(request, name)
    seed, years = _span(body, base)
    config = _with(request, base, seed, body)
    made = Bands(state.workers, base, config, state.scenarios[name], seed, years, bool(body.get("wrong", False)))
    state.bands[made.key] = made
    while len(state.bands) > QUESTIONS:
        state.bands.popitem(last=False)
    return made.told()


def _more_bands(request: Request, _: dict) -> dict[str, Any]:
    return request.app.state.bands[request.path_params["key"]].told()


def _idle(request: Request, _: dict) -> dict[str, Any]:
    """Policies that can do nothing in this city and why, as far as that is known; found out in the background."""
    name = request.query_params.get("scenario", request.app.state.first)
    seed, tree = _whole(dict(request.query_params), "seed", 1, 0, HIGHEST), to_tree(_config(request, name))
    jobs = [(tree, seed, kind) for kind in SHELF]
    batch = request.app.state.workers.ask(digest(tree, seed, "idle"), lambda: Batch(idle, jobs, rank=1, patient=True))
    known = dict(zip(SHELF, batch.results, strict=True))
    return {"done": batch.done, "total": len(jobs), "reasons": {kind: why for kind, why in known.items() if why}}


def _known(request: Request) -> Future:
    return request.app.state.studio.known(request.path_params["key"])


def _poll(request: Request, _: dict) -> dict[str, Any]:
    return _known(request).told(_whole(dict(request.query_params), "since", 0, 0, LONGEST + 1))


def _frame(request: Request, _: dict) -> Response:
    frame = _known(request).frame(request.path_params["year"])
    return Response(frame, media_type="application/octet-stream", headers=SECURITY)


def _zones(request: Request, _: dict) -> Response:
    """The local school of each address point in a year."""
    local = zones(_known(request).states[request.path_params["year"]].world)
    return Response(local, media_type="application/octet-stream", headers=SECURITY)


def _family(request: Request, _: dict) -> dict[str, Any]:
    """Why a family is where it is."""
    return family(_known(request), request.path_params["year"], request.path_params["row"])
