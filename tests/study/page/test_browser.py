"""The page of the explorer as a person meets it: in Chromium, by mouse, keys and links."""

import json
import shlex
import xml.etree.ElementTree as ElementTree
from collections import Counter
from io import StringIO
from pathlib import Path

import axe_core_python
import numpy as np
import pandas as pd
import pytest
from browser import asked, chromium, complaints, needed, requested, show, wait_for
from invented_sweep import spoil, write_sweep
from small_sweep import SIMULATION

from analysis.measures import NETWORK
from study import explore, run
from study.command.flags import PARSERS
from study.command.request import sweep_request
from study.store.folders import read_record

pytestmark = [pytest.mark.browser, needed]
STUDIES = ("results/paper", "results/budget", "results/ensemble", "results/closed")
AXE = (Path(axe_core_python.__file__).parent / "axe.min.js").read_text()


@pytest.fixture(scope="module")
def downloads(tmp_path_factory):
    return tmp_path_factory.mktemp("downloads")


@pytest.fixture(scope="module")
def driver(downloads):
    with chromium(downloads) as started:
        yield started


@pytest.fixture(scope="module")
def reference(tmp_path_factory):
    """The page of the shipped studies."""
    path = tmp_path_factory.mktemp("reference") / "page.html"
    assert explore.main([*STUDIES, "--out", str(path)]) == 0
    return path


def page_of(tmp_path, *folders):
    path = tmp_path / "page.html"
    assert explore.main([*map(str, folders), "--out", str(path)]) == 0
    return path


def element(driver, name):
    return driver.find_element("id", name)


def live(driver):
    return element(driver, "live").text


def chosen(driver):
    return asked(driver, "explorer.state.cell")


def choose(driver, name, value):
    """Choose an option as a person does, and wait for what it draws."""
    from selenium.webdriver.support.ui import Select

    Select(element(driver, name)).select_by_value(value)
    asked(driver, "new Promise((done) => setTimeout(done, 150))")


def table_of(driver, plot):
    return pd.read_csv(StringIO(asked(driver, f"explorer.csv({plot!r})")))


def points(folder, model, *columns):
    table = pd.read_parquet(f"{folder}/points.parquet")
    return table[table.model == model].set_index(["p", "lam"])[list(columns)]


def test_it_opens_without_a_complaint_or_a_request(driver, reference):
    complaints(driver)
    show(driver, reference)
    assert requested(driver) == [reference.as_uri()]
    assert complaints(driver) == []
    assert asked(driver, "explorer.timing.first_map_ms") > 0
    assert "MFM" in live(driver) and "status ok" in live(driver)


def test_a_map_shows_the_numbers_of_the_table(driver, reference):
    show(driver, reference, "#study=paper&measure=rho&model=CFM")
    found = table_of(driver, "map_a").set_index(["p", "lam"]).rho
    expected = points("results/paper", "CFM", "rho").rho.reindex(found.index)
    np.testing.assert_allclose(found, expected, rtol=1e-6)
    assert len(found) == 105


def test_a_click_selects_the_cell_under_it(driver, reference):
    from selenium.webdriver.common.action_chains import ActionChains

    show(driver, reference, "#study=paper&measure=rho&model=MFM&at=0.1_0.6")
    plot = "Bokeh.index.find_one(Bokeh.documents[0].get_model_by_name('map_a'))"
    box = asked(
        driver,
        f"(() => {{ const v = {plot}, b = v.el.getBoundingClientRect(); scrollTo(0, 0);"
        "const x = v.frame.x_scale.compute(0.6), y = v.frame.y_scale.compute(0.8);"
        "return [x - b.width / 2, y - b.height / 2]; })()",
    )
    map_a = element(driver, "map_a")
    ActionChains(driver).move_to_element_with_offset(map_a, *map(round, box)).click().perform()
    wait_for(lambda: live(driver).startswith("p = 0.6, λ = 0.8"))
    (row,) = points("results/paper", "MFM", "rho").loc[[(0.6, 0.8)]].rho
    assert f"of MFM: {row:.3f}" in live(driver)
    assert "at=0.6_0.8" in driver.current_url
    assert element(driver, "where").text == "Selected: p = 0.6, λ = 0.8, paper"


def test_arrow_keys_move_and_stop_at_the_edge(driver, reference):
    from selenium.webdriver.common.keys import Keys

    show(driver, reference, "#study=paper&at=0.95_0.9")
    map_a = element(driver, "map_a")
    for key, cell in (
        (Keys.ARROW_RIGHT, [20, 3]), (Keys.ARROW_RIGHT, [20, 3]), (Keys.ARROW_UP, [20, 4]),
        (Keys.ARROW_UP, [20, 4]), (Keys.ARROW_LEFT, [19, 4]), (Keys.ARROW_DOWN, [19, 3]),
    ):  # fmt: skip
        map_a.send_keys(key)
        assert chosen(driver) == cell
    assert live(driver).startswith("p = 0.95, λ = 0.9")


def test_every_measure_of_every_study_is_drawn(driver, reference):
    complaints(driver)
    show(driver, reference)
    drawn = asked(driver, """(async () => {
        const [study, measure] = ["study", "measure"].map((id) => document.getElementById(id));
        const found = [];
        for (const one of [...study.options].map((o) => o.value)) {
            study.value = one;
            study.dispatchEvent(new Event("change"));
            for (const name of [...measure.options].map((o) => o.value)) {
                measure.value = name;
                measure.dispatchEvent(new Event("change"));
                await new Promise((done) => requestAnimationFrame(() => setTimeout(done, 20)));
                found.push([one, name, explorer.csv("map_a")]);
            }
        }
        return found;
    })()""")
    assert len(drawn) > 80 and {Path(name).name for name in STUDIES} == {s for s, *_ in drawn}
    for study, measure, text in drawn:
        shown = pd.read_csv(StringIO(text))
        assert measure in shown
        assert shown[measure].notna().any() or study == "ensemble"  # a set that is silent
    assert complaints(driver) == []


def test_a_difference_is_that_of_the_tables(driver, reference):
    view = "#study=paper&measure=nrmse&model=MFM&versus=paper&versus_model=CFM"
    show(driver, reference, view)
    found = table_of(driver, "map_d").set_index(["p", "lam"]).value
    both = [points("results/paper", model, "nrmse").nrmse for model in ("MFM", "CFM")]
    np.testing.assert_allclose(found, (both[0] - both[1]).reindex(found.index), rtol=1e-4)
    choose(driver, "versus", "")
    assert not element(driver, "panel_map_d").is_displayed()


def test_another_study_is_met_at_the_same_place(driver, reference):
    """Of a sample the median over its sets stands there."""
    show(driver, reference, "#study=ensemble&measure=nrmse&versus=paper&versus_model=MFM")
    paper = points("results/paper", "MFM", "nrmse").nrmse
    found = table_of(driver, "map_b").set_index(["p", "lam"]).nrmse
    np.testing.assert_allclose(found, paper.reindex(found.index), rtol=1e-6)
    show(driver, reference, "#study=paper&measure=nrmse&versus=ensemble&versus_model=MFM")
    table = pd.read_parquet("results/ensemble/points.parquet")
    medians = table[table.model == "MFM"].groupby(["p", "lam"]).nrmse.median()
    found = table_of(driver, "map_b").set_index(["p", "lam"]).nrmse
    np.testing.assert_allclose(found.dropna(), medians.reindex(found.dropna().index), rtol=1e-6)
    shared = medians.index.intersection(found.index)  # the paper has no lam = 0.75
    assert set(found.dropna().index) == set(shared) and len(shared) == 8


def test_panels_of_a_cell_show_its_tables(driver, reference):
    show(driver, reference, "#study=budget&measure=rho&model=MFM&at=0.6_0.8")
    trials = table_of(driver, "trials")
    table = pd.read_parquet("results/budget/trials.parquet")
    here = table[np.isclose(table.p, 0.6) & np.isclose(table.lam, 0.8) & table.rho.notna()]
    assert dict(zip(zip(trials.model, trials.seed), trials.rho.round(5))) == {
        (row.model, row.seed): pytest.approx(row.rho, abs=2e-5) for row in here.itertuples()
    }
    traces = table_of(driver, "traces").set_index("t_ms")
    kept = pd.read_parquet("results/budget/examples.parquet")
    kept = kept[np.isclose(kept.p, 0.6) & np.isclose(kept.lam, 0.8) & (kept.model == "MFM")]
    assert len(traces) == len(kept)
    step = np.ptp(kept.V_mV) / 4000
    assert np.abs(traces["V_mV of MFM"].to_numpy() - kept.V_mV.to_numpy()).max() < step
    costs = table_of(driver, "budget")
    assert len(costs) == 10 and set(costs.order) == {"the paper's", "the other"}
    spectra = table_of(driver, "spectra")
    assert (spectra.filter(like="power") > 0).all(axis=None) and len(spectra) > 80
    row = element(driver, "row").text
    assert "spectral distance" in row and "MFM" in row and "[" in row


def test_the_correlation_is_the_formula(driver, reference):
    """A literal sum over the traces of the page."""
    show(driver, reference, "#study=paper&at=0.3_0.7&window=1000")
    traces = table_of(driver, "traces")
    network, model = (traces[f"V_mV of {name}"].to_numpy() for name in (NETWORK, "MFM"))
    x, y = ((series - series.mean()) / series.std() for series in (model, network))
    found = table_of(driver, "correlation").set_index("lag_ms")["correlation of MFM"]
    for lag in (-120.0, -0.5, 0.0, 3.5, 200.0):
        steps = round(lag / 0.5)
        pairs = [x[t + steps] * y[t] for t in range(len(y)) if 0 <= t + steps < len(x)]
        assert found[lag] == pytest.approx(sum(pairs) / len(y), abs=1e-6)


def test_a_pinned_cell_stays_beside_the_next_one(driver, reference):
    from selenium.webdriver.common.keys import Keys

    show(driver, reference, "#study=paper&at=0.1_0.8")
    assert not element(driver, "cell_pinned").is_displayed()
    map_a = element(driver, "map_a")
    map_a.send_keys(Keys.ENTER)
    wait_for(lambda: element(driver, "cell_pinned").is_displayed())
    map_a.send_keys(Keys.ARROW_RIGHT)
    assert element(driver, "where").text.startswith("Selected: p = 0.15")
    wait_for(lambda: element(driver, "where_pinned").text == "Pinned: p = 0.1, λ = 0.8, paper")
    before = table_of(driver, "traces_pinned")
    choose(driver, "study", "budget")
    assert table_of(driver, "traces_pinned").equals(before)
    element(driver, "unpin").click()
    wait_for(lambda: not element(driver, "cell_pinned").is_displayed())


def test_a_link_shows_the_same_view(driver, reference):
    show(driver, reference, "#study=budget&at=0.5_0.7&pin=paper&pin_at=0.2_0.6")
    choose(driver, "measure", "spectral_distance")
    choose(driver, "versus", "0|CFM")
    choose(driver, "window", "100")
    choose(driver, "spread", "rho")
    element(driver, "outline").click()
    url = driver.current_url
    plots = ("map_a", "map_b", "map_d", "slice_x", "traces", "budget", "traces_pinned")
    before = {plot: table_of(driver, plot) for plot in plots}
    show(driver, reference, url[url.index("#"):])
    assert driver.current_url == url
    for plot, table in before.items():
        pd.testing.assert_frame_equal(table_of(driver, plot), table)
    assert not element(driver, "outline").is_selected()


@pytest.mark.parametrize("view", [
    "#study=nothing&measure=nothing&model=nothing&x=a&y=b&at=7_7&pin=paper&pin_at=x",
    "#%%%", "#study=paper&window=-1&start=nan&versus=paper&versus_model=nobody", "#x=p&y=p",
])  # fmt: skip
def test_a_wrong_link_shows_what_it_can(driver, reference, view):
    complaints(driver)
    show(driver, reference, view)
    assert complaints(driver) == [] and "p = " in live(driver)


def test_panels_are_saved_as_pictures_and_tables(driver, reference, downloads):
    show(driver, reference, "#study=budget&at=0.6_0.8&versus=paper&versus_model=MFM")
    names = ("map_a", "map_d", "slice_x", "trials", "traces", "spectra", "correlation", "budget")
    for plot in names:
        kind, size, start = asked(driver, f"explorer.picture({plot!r}, 'png').then(async (b) => "
            "[b.type, b.size, (await b.slice(1, 4).text())])")  # fmt: skip
        assert (kind, start) == ("image/png", "PNG") and size > 5000
        svg = asked(driver, f"explorer.picture({plot!r}, 'svg').then((b) => b.text())")
        drawn = Counter(e.tag.rpartition("}")[2] for e in ElementTree.fromstring(svg).iter())
        assert drawn["path"] > 10 and drawn["text"] > 5
        assert len(table_of(driver, plot)) > 5
    for kind in ("png", "svg", "csv"):
        button = driver.find_element(
            "css selector", f'button[data-plot="traces"][data-save="{kind}"]'
        )
        driver.execute_script("arguments[0].click()", button)
        (file,) = wait_for(lambda kind=kind: list(downloads.glob(f"*traces*.{kind}")))
        assert file.stat().st_size > 1000


def test_the_map_is_a_table_too(driver, reference):
    show(driver, reference, "#study=paper&measure=regime")
    element(driver, "map_table").find_element("tag name", "summary").click()
    rows = wait_for(lambda: driver.find_elements("css selector", "#map_table_here tbody tr"))
    assert len(rows) == 5 and rows[0].text.startswith("λ = 1 ")
    table = points("results/paper", NETWORK, "regime").regime
    cells = [cell.text for cell in rows[-1].find_elements("tag name", "td")]
    assert cells == [table[p, 0.6] for p in sorted({p for p, _ in table.index})]


def commands(driver):
    return [code.text for code in driver.find_elements("css selector", "#commands code")]


def test_commands_ask_for_what_was_computed(driver, reference):
    """Each is read by the real parsers and names the trials that are recorded."""
    for folder, at in (("paper", "0.6_0.8"), ("budget", "0.1_0.6")):
        show(driver, reference, f"#study={folder}&at={at}")
        of_all, of_one = map(shlex.split, commands(driver))
        assert of_all[:3] == ["python", "-m", "study.sweep"] and of_one[2] == "study.run"
        parser = PARSERS["sweep"]()
        flags = of_all[3:]
        request, _ = sweep_request(parser, parser.parse_args(flags), flags)
        asked_for, recorded = request.record(), read_record(f"results/{folder}", "sweep.json")
        here = {"p", "lam"}
        left, right = ({k: v for k, v in r.items() if k not in here and k != "models"}
            for r in (asked_for, recorded["request"]))  # fmt: skip
        right["parameters"].setdefault("delay", {"value": 0.0, "unit": "ms", "si": 0.0})
        assert left == right
        table = pd.read_parquet(f"results/{folder}/trials.parquet")
        p, lam = map(float, at.split("_"))
        seeds = table[np.isclose(table.p, p) & np.isclose(table.lam, lam)].seed
        assert [job.seed for job in sorted(request.jobs(), key=lambda job: job.trial)] == list(
            dict.fromkeys(seeds)
        )
        parsed = PARSERS["run"]().parse_args(of_one[3:])
        assert int(parsed.seed) == seeds.iloc[0] and float(parsed.p) == p


def test_a_set_of_constants_is_named_in_full(driver, reference):
    show(driver, reference, "#study=ensemble&at=0.3_0.6_17")
    (line,) = commands(driver)
    parsed = PARSERS["run"]().parse_args(shlex.split(line)[3:])
    table = pd.read_parquet("results/ensemble/trials.parquet")
    mine = table[(table.p == 0.3) & (table.lam == 0.6) & (table.seed == int(parsed.seed))]
    given = dict(text.split("=") for text in parsed.set)
    close = mine[np.isclose(mine.tau_mem_ms, float(given["tau_mem"].removesuffix("*ms")))]
    assert len(close) and len(given) == 11
    assert (close.g_hat_inh_nS == float(given["g_hat_inh"].removesuffix("*nS"))).all()


@pytest.mark.parametrize("dark", [False, True])
def test_nothing_serious_stands_in_the_way_of_anybody(driver, reference, dark):
    scheme = {"name": "prefers-color-scheme", "value": "dark" if dark else "light"}
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": [scheme]})
    for view in ("#study=budget&versus=paper&versus_model=CFM&pin=paper&pin_at=0.1_0.8",
            "#study=ensemble&measure=regime", "#study=closed"):  # fmt: skip
        show(driver, reference, view)
        element(driver, "map_table").find_element("tag name", "summary").click()
        driver.execute_script(AXE)
        found = asked(driver, "axe.run(document)")
        assert len(found["passes"]) > 20
        serious = [v["id"] for v in found["violations"] if v["impact"] in ("serious", "critical")]
        assert serious == []
    driver.execute_cdp_cmd("Emulation.setEmulatedMedia", {"features": []})


@pytest.mark.parametrize("width", [360, 768, 1920])
def test_it_fits_any_width(driver, reference, width):
    size = {"width": width, "height": 900, "deviceScaleFactor": 1, "mobile": width < 500}
    driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    show(driver, reference, "#study=budget&versus=paper&versus_model=CFM&pin=paper&pin_at=0.1_0.8")
    assert asked(driver, "document.documentElement.scrollWidth") <= width
    widths = asked(driver, "[...document.querySelectorAll('.plot')].filter((e) => e.offsetParent)"
        ".map((e) => [e.getBoundingClientRect().width, e.scrollWidth])")  # fmt: skip
    assert len(widths) > 10 and all(shown >= min(width - 60, 280) for shown, _ in widths)
    driver.execute_cdp_cmd("Emulation.clearDeviceMetricsOverride", {})


def test_names_of_files_are_never_html(driver, tmp_path):
    evil = '<img src=x onerror="window.hacked=1">'
    table = write_sweep(tmp_path / "sweep", p=[0.1, 0.2, 0.3], lam=[0.6, 0.8], models=(evil,))
    table.loc[table.model == evil, "status"] = f"failed {evil}"
    table.to_parquet(tmp_path / "sweep/points.parquet")
    complaints(driver)
    show(driver, page_of(tmp_path, tmp_path / "sweep"), "#measure=rho")
    from selenium.webdriver.common.action_chains import ActionChains

    for plot in ("map_a", "slice_x"):  # what appears under the mouse
        ActionChains(driver).move_to_element(element(driver, plot)).perform()
        asked(driver, "new Promise((done) => setTimeout(done, 200))")
    assert evil in element(driver, "row").text and evil in live(driver)
    element(driver, "pin").click()
    element(driver, "map_table").find_element("tag name", "summary").click()
    wait_for(lambda: element(driver, "cell_pinned").is_displayed())
    assert asked(driver, "window.hacked ?? null") is None
    assert asked(driver, "document.querySelectorAll('img').length") == 0
    assert complaints(driver) == []


def test_a_third_axis_has_a_slider(driver, tmp_path):
    table = pd.concat(
        write_sweep(tmp_path / "sweep", p=[0.1, 0.2, 0.3], lam=[0.6, 0.8]).assign(
            g_hat_inh_nS=value, rate_Hz=lambda t, value=value: t.rate_Hz * value
        )
        for value in (1.0, 2.5)
    )
    place = list(table.columns).index("model")
    columns = [c for c in table if c != "g_hat_inh_nS"]
    table = table[[*columns[:place], "g_hat_inh_nS", *columns[place:]]]
    table.to_parquet(tmp_path / "sweep/points.parquet")
    for name in ("spectra", "examples"):
        long = pd.read_parquet(tmp_path / f"sweep/{name}.parquet")
        long.insert(2, "g_hat_inh_nS", 1.0)
        long.to_parquet(tmp_path / f"sweep/{name}.parquet")
    show(driver, page_of(tmp_path, tmp_path / "sweep"), "#measure=rate_Hz&at=0.1_0.6_1")
    first = table_of(driver, "map_a").set_index(["p", "lam"]).rate_Hz
    slider = driver.find_element("css selector", "#sliders input")
    from selenium.webdriver.common.keys import Keys

    slider.send_keys(Keys.ARROW_RIGHT)
    assert slider.get_attribute("aria-valuetext") == "2.5"
    second = table_of(driver, "map_a").set_index(["p", "lam"]).rate_Hz
    np.testing.assert_allclose(second, 2.5 * first, rtol=1e-6)
    assert "g_hat_inh = 2.5 nS" in live(driver)
    choose(driver, "y", "g_hat_inh_nS")
    assert set(table_of(driver, "map_a").columns) >= {"p", "g_hat_inh_nS"}
    assert driver.find_element("css selector", "#sliders").text.startswith("λ")


@pytest.mark.parametrize("p", [[0.3], [0.1, 0.3, 0.4]])
@pytest.mark.parametrize("lam", [[0.8], [0.6, 1]])
def test_small_grids_are_shown_as_they_are(driver, tmp_path, p, lam):
    table = write_sweep(tmp_path / "sweep", p=p, lam=lam, examples=False)
    spoil(table, p[-1], lam[-1], "missing")
    table.to_parquet(tmp_path / "sweep/points.parquet")
    complaints(driver)
    show(driver, page_of(tmp_path, tmp_path / "sweep"), "#measure=rate_Hz")
    assert len(table_of(driver, "map_a")) == len(p) * len(lam)
    said = {"traces": "No traces", "budget": "no error budget", "spikes": "No spikes are in this"}
    for panel, words in said.items():
        assert words in element(driver, f"lack_{panel}").text
    assert complaints(driver) == []


def test_ten_thousand_points_are_shown(driver, tmp_path):
    grid = np.round(np.linspace(0, 1, 100), 6)
    one = write_sweep(tmp_path / "sweep", p=[0.3], lam=[0.8], models=("MFM",), examples=False)
    p, lam = (axis.ravel() for axis in np.meshgrid(grid, grid, indexing="ij"))
    table = one.convert_dtypes().merge(pd.DataFrame({"p": p, "lam": lam}), how="cross",
        suffixes=("_of_one", ""))  # fmt: skip
    table = table.assign(rate_Hz=table.p + table.lam)[[c for c in one]]
    table.astype(one.dtypes).to_parquet(tmp_path / "sweep/points.parquet")
    complaints(driver)
    page = page_of(tmp_path, tmp_path / "sweep")
    assert page.stat().st_size < 10e6
    show(driver, page, "#measure=rate_Hz&at=0.252525_0.252525")
    assert len(table_of(driver, "map_a")) == 10_000
    assert "p = 0.252525" in live(driver) and complaints(driver) == []


def test_a_run_has_its_spikes(driver, tmp_path):
    flags = [*"--p 0.4 --lam 0.8".split(), *SIMULATION, "--no-figure", "--budget"]
    assert run.main([*flags, "--out", str(tmp_path / "mine")]) == 0
    complaints(driver)
    page = page_of(tmp_path, tmp_path / "mine", "results/paper")
    show(driver, page, "#study=mine&versus=paper&versus_model=MFM")
    assert element(driver, "lack_map_a").text.startswith("One point")
    there = points("results/paper", "MFM", "nrmse").nrmse[0.4, 0.8]
    assert f"MFM, paper: {there:.3g}" in element(driver, "lack_map_b").text
    told = element(driver, "unlike").text
    assert told.startswith("Not the same networks: N = 200 against 10,000; M = 200 against 10,000")
    show(driver, page)
    assert not element(driver, "unlike").is_displayed()
    spikes = table_of(driver, "spikes")
    with np.load(tmp_path / "mine/traces.npz") as kept:
        late = kept["spike_step"] * 0.1 >= 200
        assert len(spikes) == late.sum() > 10
        np.testing.assert_allclose(
            spikes.time_ms.sort_values(), np.sort(kept["spike_step"][late] * 0.1), rtol=1e-6
        )
    (line,) = commands(driver)
    given = PARSERS["run"]().parse_args(shlex.split(line)[3:])
    assert sorted(given.set) == sorted(
        ["M=200", "g_hat_exc=0.4*nS", "g_hat_inh=0.9*nS", "g_hat_ext=5.0*nS"]
    )
    assert given.n == "200" and given.duration == "1" and given.transient == "0.2"
    assert given.budget and json.loads((tmp_path / "mine/run.json").read_text())
    assert complaints(driver) == []
