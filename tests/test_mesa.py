"""Mesa's own tools work on the model: its data collector and its browser page."""

import threading
import warnings
from pathlib import Path

import pytest

from abm import SchoolChoiceModel, load

ROOT = Path(__file__).resolve().parent.parent


def test_solara_page_draws_the_collected_indicator():
    """SolaraViz with Mesa's plot component renders a picture of an indicator that the model collects."""
    solara = pytest.importorskip("solara")
    ipywidgets = pytest.importorskip("ipywidgets")
    pytest.importorskip("altair")
    model = SchoolChoiceModel(load(ROOT / "configs" / "classroom.toml"), 1)
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # solara and mesa warn of their own hooks and renderers
        from mesa.visualization import SolaraViz, make_plot_component

        page = SolaraViz(model, components=[make_plot_component("dissimilarity")], model_params={})
        _, rendered = solara.render(page, handle_error=False)
        model.step()
        pictures = rendered.find(ipywidgets.Image).widgets
        rendered.close()
    assert pictures and bytes(pictures[0].value).startswith(b"\x89PNG")
    assert list(model.datacollector.get_model_vars_dataframe().year) == [0, 1]


@pytest.fixture(scope="module")
def classroom_page():
    """The module that ``solara run`` starts; solara and mesa warn of their own hooks."""
    pytest.importorskip("solara")
    pytest.importorskip("altair")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        from experiments.app import mesa_page
    return mesa_page


def test_the_classroom_page_draws_plots_town_and_schools(classroom_page):
    """`solara run experiments/app/mesa_page.py`: two drawings, beside the table."""
    import ipywidgets
    import solara

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        _, rendered = solara.render(classroom_page.page, handle_error=False)
        pictures = rendered.find(ipywidgets.Image).widgets
        rendered.close()
    assert [bytes(p.value)[:4] for p in pictures] == [b"\x89PNG"] * 2


def test_step_and_reset_on_the_classroom_page(classroom_page):
    """The buttons that a reader presses, without a browser: a year goes by and is drawn; reset leads back to year 0."""
    import ipyvuetify
    import ipywidgets
    import solara

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        whole = solara.AppLayout(children=[classroom_page.make()])  # puts the controls at the side
        _, rendered = solara.render(whole, handle_error=False)

        def drawn(button: str = "") -> bytes:
            if button:
                next(w for w in rendered.find(ipyvuetify.Btn).widgets if w.children == [button]).click()
            return bytes(rendered.find(ipywidgets.Image).widgets[0].value)

        start, stepped, again = drawn(), drawn("Step"), drawn("Reset")
        rendered.close()
    assert start != stepped and start == again


def test_inputs_of_the_classroom_page_are_within_their_declarations(classroom_page):
    """Every value and bound comes from a declaration; both ends make a model."""
    made = classroom_page.settings()
    assert set(made) == set(classroom_page.SHOWN)
    assert made["city.pupils"].max == classroom_page.LARGEST == 1000
    for key, given in made.items():
        ends = given["values"] if isinstance(given, dict) else (given.min, given.max)
        for value in ends:
            model = classroom_page.Classroom(**{key: value})
            assert model.frames[0].year == 0
    assert classroom_page.Classroom(**{"choice.peers.majority": 1.0}).config.choice.peers == {
        "majority": 1.0,
        "minority": 1.0,
    }


def test_drawing_while_the_model_steps_sees_whole_years_only(classroom_page):
    """Views in one thread, years in another: every frame seen is that of a run without anybody looking."""
    alone = classroom_page.Classroom()
    while alone.running:
        alone.step()
    watched, seen = classroom_page.Classroom(), []

    def look():
        while watched.running:
            seen.append(watched.frames)
            classroom_page.table(watched)

    thread = threading.Thread(target=look)
    thread.start()
    while watched.running:
        watched.step()
    thread.join()
    assert alone.year == watched.year == 10
    for frames in [*seen, watched.frames]:
        for frame, same in zip(frames, alone.frames, strict=False):
            assert frame[:6] == same[:6]
