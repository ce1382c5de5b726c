"""Mesa's own tools work on the model: its data collector and its browser page."""

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
