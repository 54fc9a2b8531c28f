"""How long the page of the reference study takes: python tests/support/page_timing.py [FOLDER]."""

import sys
import tempfile
from pathlib import Path
from statistics import median

from browser import chromium, show, wait_for
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys

from study import explore


def main(folder="results/paper", rounds=5, moves=10):
    """Print the medians of the time to the first map and from a key to the painted page."""
    with tempfile.TemporaryDirectory() as place, chromium(place) as driver:
        page = Path(place) / "page.html"
        assert explore.main([folder, "--out", str(page)]) == 0
        print(f"{page.stat().st_size / 1e6:.1f} MB")
        first, moved = [], []
        for _ in range(rounds):
            show(driver, page)
            first.append(_timing(driver, "first_map_ms"))
            for key in (Keys.ARROW_LEFT, Keys.ARROW_RIGHT) * (moves // 2):
                driver.execute_script("explorer.timing.moved_ms = null")
                driver.find_element(By.ID, "map_a").send_keys(key)
                moved.append(wait_for(lambda: _timing(driver, "moved_ms")))
    print(f"from opening to the first map: {median(first):.0f} ms, {rounds} times")
    print(f"from a key to the painted page: {median(moved):.0f} ms, {len(moved)} times")


def _timing(driver, name):
    return driver.execute_script(f"return explorer.timing.{name}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
