"""The figures of a sweep: right cell, right hatch, right boundary, for any grid and any models."""

import itertools

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import pytest
from colorspacious import cspace_convert, deltaE
from invented_sweep import LAM, P, spoil, write_sweep
from matplotlib.collections import LineCollection, QuadMesh
from matplotlib.colors import LogNorm, SymLogNorm, to_rgb
from matplotlib.contour import ContourSet

from analysis.budget import budget_table
from analysis.measures import MEASURES, NETWORK
from study import figures, findings
from study.drawing import examples, maps, panels, style
from study.drawing.diagram import draw_diagram
from study.drawing.style import map_colours
from study.store.read_sweep import read_points


@pytest.fixture(autouse=True)
def closed():
    """Leave no figure open."""
    yield
    plt.close("all")


@pytest.fixture(scope="module")
def sweep(tmp_path_factory):
    """Give a folder with an invented sweep, and its points."""
    folder = tmp_path_factory.mktemp("sweep")
    return folder, write_sweep(folder)


@pytest.fixture
def points(sweep):
    """Give the points of the invented sweep, to be changed at will."""
    return sweep[1].copy()


def titled(figure, title):
    """Return the axes whose title ends so."""
    (axes,) = [axes for axes in figure.get_axes() if axes.get_title("left").endswith(title)]
    return axes


def hatched(axes):
    """Return the label of every hatched cell by the grid's point in it."""
    found = {}
    for patch in axes.patches:
        if patch.get_hatch():
            inside = patch.get_bbox()
            at = (
                next(v for v in grid if low - 1e-9 <= v <= high + 1e-9)
                for grid, low, high in ((P, inside.x0, inside.x1), (LAM, inside.y0, inside.y1))
            )
            found[tuple(map(float, at))] = patch.get_label()
    return found


def boundary(axes):
    """Return the ends of the first test's lines between cells, as a set."""
    lines, *_ = [c for c in axes.collections if isinstance(c, LineCollection)]
    return {tuple(np.round(line, 6).ravel()) for line in lines.get_segments()}


def test_command_writes_every_figure(sweep, tmp_path, capsys):
    folder, _ = sweep
    assert figures.main([str(folder), "--out", str(tmp_path / "out")]) == 0
    names = ("setup", "regimes", "median_frequency", "chi_square", "lag_correlation", "examples",
        "overview")
    expected = {f"{name}.{suffix}" for name in names for suffix in ("png", "svg")}
    assert {file.name for file in (tmp_path / "out").iterdir()} == expected
    assert capsys.readouterr().out.splitlines()[-1] == str(tmp_path / "out")
    assert plt.imread(tmp_path / "out" / "overview.png").shape[1] >= 1200


def test_marked_cell_lies_at_its_point(points):
    here = (points.p == 0.25) & (points.lam == 0.9) & (points.model == "MFM")
    points.loc[here, "rho"] = -0.5
    axes = titled(panels.draw_compared(points, ("tau_max_ms", "rho")), "MFM: correlation")
    (mesh,) = [c for c in axes.collections if isinstance(c, QuadMesh)]
    row, column = np.unravel_index(mesh.get_array().argmin(), mesh.get_array().shape)
    corners = mesh.get_coordinates()
    middle = (corners[row, column] + corners[row + 1, column + 1]) / 2
    assert list(middle) == pytest.approx([0.25, 0.9])
    assert (axes.get_xlabel(), axes.get_ylabel()) == ("p", "λ")


def test_cell_edges():
    assert maps.cell_edges([0, 0.1, 0.5]) == pytest.approx([0, 0.05, 0.3, 0.5])
    assert maps.cell_edges([0, 1]) == pytest.approx([0, 0.5, 1])
    assert maps.cell_edges([0.8]) == pytest.approx([0.75, 0.85])


def test_cells_without_a_result_are_hatched(points):
    spoil(points, 0.1, 0.7, "missing")
    spoil(points, 0.2, 0.7, "failed")
    spoil(points, 0.9, 1.0, "diverged", "MFM")
    spoil(points, 0.8, 1.0, "diverged (3), ok (7)", "MFM", gone=False)
    spoil(points, 0.3, 0.7, "failed (1), missing (2), ok (7)", gone=False)
    spoil(points, 0.0, 0.6, "constant", "MFM")
    lost = {(0.1, 0.7): "missing or failed", (0.2, 0.7): "missing or failed"}
    lost[0.3, 0.7] = "missing or failed in some trials"
    figure = panels.draw_compared(points, ("chi2", "spectral_distance"))
    assert hatched(titled(figure, "CFM: χ²")) == lost
    assert hatched(titled(figure, "MFM: χ²")) == lost | {
        (0.9, 1.0): "diverged",
        (0.8, 1.0): "diverged in some trials",
        (0.0, 0.6): "constant",
    }
    hatches = {patch.get_hatch() for patch in titled(figure, "MFM: χ²").patches}
    assert len(hatches) == 3
    named = {text.get_text() for legend in figure.legends for text in legend.get_texts()}
    assert set(hatched(titled(figure, "MFM: χ²")).values()) <= named
    for draw in (panels.draw_regimes, panels.draw_medians, panels.draw_overview):
        draw(points).draw_without_rendering()


def test_a_point_without_a_row_is_hatched(points):
    points = points[~((points.p == 0.4) & (points.lam == 0.8) & (points.model == "CFM"))]
    figure = panels.draw_compared(points, ("tau_max_ms", "rho"))
    assert hatched(titled(figure, "CFM: lag")) == {(0.4, 0.8): "missing or failed"}
    assert hatched(titled(figure, "MFM: lag")) == {}


def test_boundary_parts_the_cells_where_p_crosses(points):
    points["rho_pvalue"] = np.where(points.p < 0.29, 0.5, 1e-5)
    points.loc[(points.p == 0.6) & (points.lam == 0.8), "rho_pvalue"] = 0.011
    axes = titled(panels.draw_compared(points, ("tau_max_ms", "rho")), "CFM: correlation")
    around = {
        (0.575, 0.75, 0.575, 0.85), (0.625, 0.75, 0.625, 0.85),
        (0.575, 0.75, 0.625, 0.75), (0.575, 0.85, 0.625, 0.85),
    }
    assert boundary(axes) == around | {(0.275, 0.6, 0.275, 1.0)}


def test_a_negative_correlation_is_no_agreement(points):
    mine = (points.model == "CFM") & np.isclose(points.lam, 0.8) & np.isclose(points.p, 0.5)
    points.loc[mine, ["rho", "rho_pvalue"]] = -0.3, 1e-9
    figure = panels.draw_compared(points, ("tau_max_ms", "rho"))
    assert (0.475, 0.75, 0.475, 0.85) in boundary(titled(figure, "CFM: correlation"))


def test_no_boundary_is_drawn_towards_an_unknown_cell(points):
    points["rho_pvalue"] = np.where(points.p < 0.29, 0.5, 1e-5)
    points.loc[(points.p == 0.3) & (points.lam < 0.9), "rho_pvalue"] = np.nan
    axes = titled(panels.draw_compared(points, ("tau_max_ms", "rho")), "CFM: correlation")
    assert boundary(axes) == {(0.275, 0.85, 0.275, 1.0)}


@pytest.mark.parametrize(
    ("pvalue", "note"),
    [(0.5, "p ≥ 0.01 everywhere"), (0.001, "p < 0.01 everywhere"), (np.nan, "p not available")],
)
def test_a_boundary_that_does_not_exist_is_named(points, pvalue, note):
    points["chi2_pvalue"] = pvalue
    axes = titled(panels.draw_compared(points, ("chi2", "spectral_distance")), "CFM: χ²")
    assert [text.get_text() for text in axes.texts] == [note]
    assert boundary(axes) == set()


def test_regimes_are_outlined_and_named(points):
    figure = panels.draw_regimes(points)
    names = {text.get_text() for text in titled(figure, "LIF: regime").get_legend().get_texts()}
    assert names == set(points.regime)
    assert boundary(titled(figure, "LIF: firing rate")) == boundary(titled(figure, "LIF: regime"))


def test_scales():
    def scale(values, kind):
        return maps.shared_scale([pd.DataFrame([values])], kind)

    assert isinstance(scale([1, 3, 40], "log"), LogNorm)
    assert scale([0, 1, 2e6], "log").vmin == pytest.approx(200)
    assert not isinstance(scale([1, 3, 5], "log"), LogNorm)
    lag = scale([-2, 3, np.nan], "centred")
    assert (lag.vmin, lag.vmax) == (-3, 3)
    assert isinstance(scale([-1, 1, 1, 250], "centred"), SymLogNorm)
    assert maps.levels(scale([1, 3, 40], "log")) == pytest.approx([1, 2, 5, 10, 20])
    for kind in ("linear", "unit", "log", "centred"):
        for values in ([np.nan], [0, 0], [2, 2]):
            found = scale(values, kind)
            assert found.vmin < found.vmax


@pytest.mark.parametrize(("p", "lam"), [(P[::2], [0.8]), ([0.4], LAM), ([0.4], [0.8])])
def test_a_single_row_or_column(tmp_path, p, lam):
    points = write_sweep(tmp_path, p=p, lam=lam, models=("CFM",), examples=False)
    figure = panels.draw_overview(points)
    figure.draw_without_rendering()
    for axes in figure.get_axes():
        assert not any(isinstance(c, ContourSet) for c in axes.collections)
    for draw in (panels.draw_regimes, panels.draw_medians):
        draw(points).draw_without_rendering()


@pytest.mark.parametrize("rows", [5, 11])
def test_only_a_fine_grid_has_contours(tmp_path, rows):
    lam = np.linspace(0.6, 1, rows)
    points = write_sweep(tmp_path, p=P, lam=lam, examples=False)
    axes = titled(panels.draw_compared(points, ("tau_max_ms", "rho")), "CFM: correlation")
    assert any(isinstance(c, ContourSet) for c in axes.collections) == (rows == 11)
    assert axes.get_xlim() == pytest.approx((0, 1)) and axes.get_ylim() == pytest.approx((0.6, 1))


def test_every_status_has_its_hatch_and_only_where_it_says_something(points):
    status = {
        0.1: "not stationary", 0.2: "lag at edge", 0.3: "two lags, ok (8), lag at edge (2)",
        0.4: "unphysical", 0.5: "lockstep", 0.6: "ok (9), not stationary (1)",
    }  # fmt: skip
    for p, words in status.items():
        spoil(points, p, 0.7, words, "MFM", gone=words == "lag at edge")
    figure = panels.draw_compared(points, ("rho", "nrmse"))
    lagged = {p: words.partition(",")[0] for p, words in status.items()}
    lagged |= {0.3: "lag at edge in some trials", 0.6: "not stationary in some trials"}
    assert hatched(titled(figure, "MFM: correlation")) == {(p, 0.7): s for p, s in lagged.items()}
    others = hatched(titled(figure, "MFM: error"))
    assert (0.3, 0.7) not in others or others[0.3, 0.7] == "undefined"
    hatches = list(maps.HATCHES.values())
    assert len(set(hatches)) == len(hatches)


def test_legends_name_only_what_is_drawn(points):
    points["regime"] = "asynchronous"
    points["rho_pvalue"] = points["rho_pvalue_trials"] = 0.5
    figure = panels.draw_overview(points)
    named = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert not any("border" in name or "zero correlation" in name for name in named)
    points["rho_pvalue_trials"] = np.where(points.p < 0.29, 0.5, 1e-5)
    figure = panels.draw_overview(points)
    named = [text.get_text() for legend in figure.legends for text in legend.get_texts()]
    assert sum("n = trials" in name for name in named) == 1


def test_dark_is_good_on_every_map_of_a_model():
    for measure in MEASURES:
        if measure.title and measure.direction:
            ends = plt.get_cmap(map_colours(measure))([0.0, 1.0])[:, :3] @ [0.2126, 0.7152, 0.0722]
            assert (ends[0] > ends[1]) == (measure.direction == 1), measure.name


def test_colours_can_be_told_apart_in_grey_and_without_red_or_green():
    """CAM02-UCS distances of what stands side by side; luminances of the regimes."""
    def luminance(colour):
        c = np.array(to_rgb(colour))
        linear = np.where(c <= 0.04045, c / 12.92, ((c + 0.055) / 1.055) ** 2.4)
        return linear @ [0.2126, 0.7152, 0.0722]

    tones = [luminance(colour) for colour in style.REGIMES.values()]
    assert all((a + 0.05) / (b + 0.05) >= 1.5 for a, b in itertools.pairwise(tones))
    models = [style.MODELS[name] for name in ("LIF", "CFM", "MFM")]
    for group in (models, [style.EXCITATORY, style.INHIBITORY], list(style.RUNGS.values())):
        for kind in (None, "deuteranomaly", "protanomaly", "tritanomaly"):
            seen = [np.array(to_rgb(colour)) for colour in group]
            if kind:
                space = {"name": "sRGB1+CVD", "cvd_type": kind, "severity": 100}
                seen = [np.clip(cspace_convert(one, space, "sRGB1"), 0, 1) for one in seen]
            nearest = min(deltaE(a, b, "sRGB1") for a, b in itertools.combinations(seen, 2))
            assert nearest > 10, (kind, group)
    meanings = {**style.MODELS, **style.RUNGS}
    assert len(set(meanings.values()) | {style.EXCITATORY, style.INHIBITORY}) == len(meanings) + 2


def test_more_models_appear_everywhere(tmp_path):
    models = ("CFM", "MFM", "third", "fourth")
    write_sweep(tmp_path, p=[0, 0.5, 1], lam=[0.6, 1], models=models)
    points = read_points(tmp_path)
    compared = panels.draw_compared(points, ("chi2", "spectral_distance"))
    for model in models:
        titled(compared, f"{model}: spectral distance")
        titled(panels.draw_medians(points), model)
    texts = {text.get_text() for text in draw_diagram(models).get_axes()[0].texts}
    assert set(models) <= texts
    overview = panels.draw_overview(points)
    assert sum("correlation" in axes.get_title("left") for axes in overview.get_axes()) == 4


def test_examples_are_one_of_each_regime_and_the_closest(sweep, points):
    chosen = examples.example_points(points)
    assert {row.regime for _, row in chosen} == set(points.regime)
    for reason, row in chosen:
        assert row.regime in reason
    mass = points[points.model != NETWORK]
    closest = mass.loc[mass.spectral_distance.idxmin()]
    assert (closest.p, closest.lam) in {(row.p, row.lam) for _, row in chosen}
    spectra = examples.read_examples(sweep[0] / "spectra.parquet", chosen)
    assert len(spectra) == len(chosen) * 3 * 500


def test_examples_without_potentials_say_so(sweep, points):
    chosen = examples.example_points(points)
    spectra = examples.read_examples(sweep[0] / "spectra.parquet", chosen)
    figure = examples.draw_examples(points, chosen, spectra, None)
    said = [text.get_text() for axes in figure.get_axes() for text in axes.texts]
    assert said == ["the potentials of this point were not kept"] * len(chosen)


def test_examples_name_what_diverged_or_was_clipped(sweep, points):
    chosen = examples.example_points(points)[:1]
    points.loc[points.model == "MFM", "status"] = "diverged"
    tables = [examples.read_examples(sweep[0] / f"{name}.parquet", chosen)
        for name in ("spectra", "examples")]
    tables[1].loc[tables[1].model == "MFM", "V_mV"] = np.inf
    tables[1].loc[tables[1].model == "CFM", "V_mV"] *= 1e9
    axes = examples.draw_examples(points, chosen, *tables).get_axes()[0]
    means, diverged, clipped = axes.texts[0].get_text().splitlines()
    assert means.startswith("less the means: LIF -") and means.endswith("mV")
    assert diverged == "MFM: diverged" and clipped == "CFM: clipped"
    assert axes.get_ylabel() == "Deviation from\nthe mean (mV)"


def test_a_sweep_without_any_result_is_drawn(tmp_path):
    points = write_sweep(tmp_path, p=[0, 0.5, 1], lam=[0.6, 1], examples=False)
    for p in (0, 0.5, 1):
        for lam in (0.6, 1):
            spoil(points, p, lam, "missing")
    points["trials"] = 0
    points.to_parquet(tmp_path / "points.parquet")
    budget_table([]).to_parquet(tmp_path / "budget.parquet")
    points = read_points(tmp_path)
    paths = figures.draw_all(points, tmp_path, tmp_path, [])
    assert all("budget" not in path.name for path in paths)
    assert findings.main([str(tmp_path)]) == 0
    for axes in panels.draw_overview(points).get_axes()[:3]:
        assert len(hatched(axes)) == 6


def damage(folder, what):
    """Spoil the tables of a folder in one way."""
    if what == "no tables":
        return
    points = write_sweep(folder, p=[0, 1], lam=[0.6, 1])
    path = folder / "points.parquet"
    if what == "no spectra":
        (folder / "spectra.parquet").unlink()
    elif what == "not a table":
        path.write_text("p,lam\n0,1\n")
    elif what == "a column less":
        points.drop(columns="rho").to_parquet(path)
    elif what == "no mass model":
        points[points.model == NETWORK].to_parquet(path)
    elif what == "a row twice":
        pd.concat([points, points.iloc[:1]]).to_parquet(path)


@pytest.mark.parametrize(
    ("what", "message"),
    [
        ("no tables", "DIR: must hold points.parquet, got"),
        ("no spectra", "DIR: must hold spectra.parquet, got"),
        ("not a table", "points.parquet cannot be read: "),
        ("a column less", "points.parquet must have the column rho"),
        ("no mass model", "points.parquet must have rows of LIF and a mass model"),
        ("a row twice", "points.parquet must have one row per point and model"),
    ],
)
def test_unusable_folders(tmp_path, capsys, what, message):
    damage(tmp_path, what)
    refused(capsys, [str(tmp_path)], message)
    assert not (tmp_path / "figures").exists()


def test_unusable_paths(sweep, tmp_path, capsys):
    refused(capsys, [str(tmp_path / "nowhere")], "DIR: must be the folder of a sweep, got ")
    file = tmp_path / "file"
    file.write_text("")
    refused(capsys, [str(sweep[0]), "--out", str(file)], f"--out: {file} cannot be made: ")
    refused(capsys, [], "the following arguments are required: DIR")


def refused(capsys, arguments, message):
    """Check that the command ends with one line on stderr and exit status 2."""
    with pytest.raises(SystemExit) as raised:
        figures.main(arguments)
    assert raised.value.code == 2
    (line,) = capsys.readouterr().err.splitlines()
    assert line.startswith("python -m study.figures: error: ") and message in line
