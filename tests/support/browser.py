"""Chromium without a window, and a page of the explorer in it."""

import json
import os
import shutil
import time
from contextlib import contextmanager

import pytest

CHROMIUM, DRIVER = shutil.which("chromium"), shutil.which("chromedriver")
needed = pytest.mark.skipif(
    not (CHROMIUM and DRIVER),
    reason="the page is not tried in a browser: chromium and chromedriver are not installed "
    "(Debian: apt install chromium chromium-driver)",
)
READY = "return document.documentElement.dataset.ready === 'yes'"


@contextmanager
def chromium(downloads):
    """Start a browser that keeps a log of its console and of what it asks the network for."""
    from selenium import webdriver
    from selenium.webdriver.chrome.service import Service

    options = webdriver.ChromeOptions()
    options.binary_location = CHROMIUM
    for flag in ("--headless=new", "--disable-gpu", "--disable-dev-shm-usage"):
        options.add_argument(flag)
    if os.geteuid() == 0:
        options.add_argument("--no-sandbox")
    options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
    driver = webdriver.Chrome(options=options, service=Service(DRIVER))
    try:
        driver.set_window_size(1400, 1000)
        driver.set_script_timeout(300)  # where much else runs beside
        where = {"behavior": "allow", "downloadPath": str(downloads)}
        driver.execute_cdp_cmd("Browser.setDownloadBehavior", where)
        yield driver
    finally:
        driver.quit()


def show(driver, path, view=""):
    """Open a page anew and wait until all of it is drawn."""
    driver.get("about:blank")
    driver.get_log("performance")
    driver.get(f"{path.resolve().as_uri()}{view}")
    wait_for(lambda: driver.execute_script(READY))


def wait_for(condition, seconds=60):
    """Wait until a condition holds; return what it returned."""
    deadline = time.monotonic() + seconds
    while not (found := condition()):
        assert time.monotonic() < deadline, "waited in vain"
        time.sleep(0.05)
    return found


def complaints(driver):
    """Return what the console has said of errors and warnings since it was asked last."""
    return [entry for entry in driver.get_log("browser") if entry["level"] != "INFO"]


def requested(driver):
    """Return what the page has asked for beyond itself since it was asked last."""
    found = []
    for entry in driver.get_log("performance"):
        message = json.loads(entry["message"])["message"]
        if message["method"] == "Network.requestWillBeSent":
            url = message["params"]["request"]["url"]
            if not url.startswith(("data:", "blob:")):
                found.append(url)
    return found


def asked(driver, expression):
    """Return what an expression of the page's script is, of a promise what it becomes."""
    script = "const done = arguments[0]; Promise.resolve({}).then(done, (e) => done(String(e)))"
    return driver.execute_async_script(script.replace("{}", expression, 1))
