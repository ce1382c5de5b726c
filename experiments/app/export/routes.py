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


class Exports:
    """What the server does for sessions and exports. config, city: what it knows of a scenario."""

    def __init__(self, config: Callable, city: Callable):
        self.config, self.city, self.jobs = config, city, Jobs()

    def session(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """A saved session, as far as it can be loaded here."""
        restored, notes = self._restored(request, body)
        return {"session": restored.tree(), "notes": notes}

    def _restored(self, request: Request, saved: Any) -> tuple[Session, list[dict[str, Any]]]:
        state = request.app.state
        return restore(saved, state.scenarios, lambda name: self.config(request, name), state.first)

    def begin(self, request: Request, body: dict[str, Any]) -> dict[str, Any]:
        """Begin an export of a session; ``shown``: the language, and the bands and the verdict as the page shows them."""
        kind = request.path_params["kind"]
        if kind not in TYPES:
            raise ScenarioError(f"no export {kind!r}; one of {', '.join(TYPES)}")
        session, notes = self._restored(request, body.get("session"))
        if wrong := [note for note in notes if note["code"] != "version"]:
            raise ScenarioError(f"this session cannot be exported as it is: {wrong[0]['values']}")
        base, shown = self.config(request, session.scenario), dict(body.get("shown") or {})

        def work(progress: Callable[[int, int], None]) -> bytes:
            of = asked(session, base, request.app.state.studio)
            about = self.city(request, {"scenario": session.scenario, "seed": session.seed})
            return made(kind, of, about, shown, progress)

        what = (kind, session.tree(), shown)
        return self.jobs.ask(what, f"{named(session)}.{ENDS.get(kind, kind)}", kind, work).told()

    def poll(self, request: Request, _: dict) -> dict[str, Any]:
        """How far an export is."""
        return self.jobs.jobs[request.path_params["key"]].told()

    def file(self, request: Request, _: dict) -> Response:
        """An export as a file to keep."""
        return _sent(self.jobs.jobs[request.path_params["key"]], "attachment")

    def page(self, request: Request, _: dict) -> Response:
        """A handout, shown in the browser."""
        return _sent(self.jobs.jobs[request.path_params["key"]], "inline")


def routes(answer: Callable, config: Callable, city: Callable) -> list[Route]:
    """Routes for the server. ``answer`` wraps a handler."""
    exports = Exports(config, city)
    return [
        Route("/api/session", answer(exports.session), methods=["POST"]),
        Route("/api/export/{kind}", answer(exports.begin), methods=["POST"]),
        Route("/api/export/{key}", answer(exports.poll)),
        Route("/api/export/{key}/file", answer(exports.file)),
        Route("/handout/{key}", answer(exports.page)),
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
    return film.film(of, kind, str(shown.get("language", "en")), progress)


def _sent(job: Job, how: str) -> Response:
    """A finished file; a page brings its own security policy."""
    if not job.file:
        raise KeyError(job.name)
    headers = {"Content-Disposition": f'{how}; filename="{job.name}"', "Cache-Control": "no-store"}
    return Response(job.file, media_type=TYPES[job.kind], headers=headers)
