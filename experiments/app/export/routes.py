"""The server's answers on sessions and exports: each export is a job, asked for, polled and fetched."""

from collections.abc import Callable
from typing import Any

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from abm.config.declare import ScenarioError
from experiments.app.export import film, single
from experiments.app.export.asked import Asked, asked, named
from experiments.app.export.jobs import Job, Jobs
from experiments.app.export.table import table
from experiments.app.session import Session, restore

TYPES = {
    "csv": "text/csv; charset=utf-8", "html": "text/html; charset=utf-8", "handout": "text/html; charset=utf-8",
    "gif": "image/gif", "mp4": "video/mp4",
}  # fmt: skip
ENDS = {"handout": "html"}  # of files, where it is not the kind


def routes(answer: Callable, config: Callable, city: Callable) -> list[Route]:
    """Routes for the server. ``answer`` wraps a handler; ``config``, ``city``: what the server knows of a scenario."""
    jobs = Jobs()

    def session(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """A saved session, as far as it can be loaded here."""
        restored, notes = _restored(request, body)
        return {"session": restored.tree(), "notes": notes}

    def _restored(request: Request, saved: Any) -> tuple[Session, list[dict[str, Any]]]:
        state = request.app.state
        return restore(saved, state.scenarios, lambda name: config(request, name), state.first)

    def begin(request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Begin an export of a session; ``shown``: the language, and the bands and the verdict as the page shows them."""
        kind = request.path_params["kind"]
        restored, notes = _restored(request, body.get("session"))
        if wrong := [note for note in notes if note["code"] != "version"]:
            raise ScenarioError(f"this session cannot be exported as it is: {wrong[0]['values']}")
        base, shown = config(request, restored.scenario), dict(body.get("shown") or {})

        def work(progress: Callable[[int, int], None]) -> bytes:
            of = asked(restored, base, request.app.state.studio)
            about = city(request, {"scenario": restored.scenario, "seed": restored.seed})
            return made(kind, of, about, shown, progress)

        what = (kind, restored.tree(), shown)
        return jobs.ask(what, f"{named(restored)}.{ENDS.get(kind, kind)}", kind, work).told()

    def poll(request: Request, _: dict) -> dict[str, Any]:
        return jobs.jobs[request.path_params["key"]].told()

    def file(request: Request, _: dict) -> Response:
        return _sent(jobs.jobs[request.path_params["key"]], "attachment")

    def page(request: Request, _: dict) -> Response:
        return _sent(jobs.jobs[request.path_params["key"]], "inline")

    return [
        Route("/api/session", answer(session), methods=["POST"]),
        Route("/api/export/{kind}", answer(begin), methods=["POST"]),
        Route("/api/export/{key}", answer(poll)),
        Route("/api/export/{key}/file", answer(file)),
        Route("/handout/{key}", answer(page)),
    ]


def made(
    kind: str, of: Asked, about: dict[str, Any], shown: dict[str, Any], progress=lambda done, total: None
) -> bytes:
    """The file of an export."""
    if kind == "csv":
        return table(of, (shown.get("bands") or {}).get("bands")).encode(
            "utf-8-sig"
        )  # the mark tells Excel the letters
    if kind == "html":
        return single.offline(of, about, shown).encode()
    if kind == "handout":
        return single.handout(of, about, shown).encode()
    if kind in film.KINDS:
        return film.film(of, kind, str(shown.get("language", "en")), progress)
    raise ScenarioError(f"no export {kind!r}; one of {', '.join(TYPES)}")


def _sent(job: Job, how: str) -> Response:
    """A finished file; a page brings its own security policy."""
    if not job.file:
        raise KeyError(job.name)
    headers = {"Content-Disposition": f'{how}; filename="{job.name}"', "Cache-Control": "no-store"}
    return Response(job.file, media_type=TYPES[job.kind], headers=headers)
