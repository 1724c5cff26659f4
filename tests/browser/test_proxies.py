"""The lab behind real proxies, set up as docs/proxy.md says; and what a person sees if not so."""

from __future__ import annotations

import re
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from playwright.sync_api import Browser, expect

from tests.browser.conftest import NAME
from tests.making.driving import PATIENCE_MS, Tab, new_tab
from tests.making.files import csv
from tests.making.servers import ROOT, Server, free_port, start_server, stop_server

pytestmark = pytest.mark.browser
DOCUMENT = (ROOT / "docs" / "proxy.md").read_text(encoding="utf-8")
WORD, ASKED = "open sesame", "The password your teacher gave you"
NGINX = """
pid {folder}/pid; error_log {folder}/error; daemon off; worker_processes 1;
events {{}}
http {{
  access_log off;
  client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy;
  fastcgi_temp_path {folder}/fastcgi; uwsgi_temp_path {folder}/uwsgi; scgi_temp_path {folder}/scgi;
  {site}
}}
"""
CADDY = """
{{
    admin off
    skip_install_trust
    auto_https disable_redirects
    local_certs
    http_port {spare}
}}
{site}
"""


def example(kind: str) -> str:
    """The configuration that the document shows."""
    found = re.search(rf"```{kind}\n(.*?)```", DOCUMENT, re.DOTALL)
    assert found is not None
    return found.group(1)


@contextmanager
def proxy(kind: str, site: str, port: int, folder: Path) -> Iterator[None]:
    """The proxy with this site, until the block ends."""
    program = shutil.which(kind) or shutil.which(kind, path="/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip(f"{kind} is not installed")
    file = folder / "configuration"
    form = NGINX if kind == "nginx" else CADDY
    file.write_text(form.format(folder=folder, site=site, spare=free_port()))
    arguments = {
        "nginx": ["-p", str(folder), "-e", str(folder / "error"), "-c", str(file)],
        "caddy": ["run", "--config", str(file), "--adapter", "caddyfile"],
    }
    environment = {
        "HOME": str(folder),
        "XDG_DATA_HOME": str(folder),
        "XDG_CONFIG_HOME": str(folder),
    }
    with (folder / "told").open("wb") as told:
        running = subprocess.Popen(
            [program, *arguments[kind]], env=environment, stdout=told, stderr=told
        )
    try:
        deadline = time.monotonic() + 60
        while running.poll() is None and time.monotonic() < deadline:
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.05)
        assert running.poll() is None, (folder / "told").read_text()
        yield
    finally:
        running.terminate()
        running.wait(20)


@pytest.fixture(scope="module")
def behind(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """The lab, started as the document says."""
    folder = tmp_path_factory.mktemp("behind")
    (folder / "password.txt").write_text(WORD)
    found = re.search(r"^python -m recsys_demo serve (.*)$", DOCUMENT, re.MULTILINE)
    assert found is not None
    options = found.group(1).replace("password.txt", str(folder / "password.txt")).split()
    running = start_server(folder / "lab", *options, base="/lab", RECSYS_DEMO_WORKERS="1")
    yield running
    stop_server(running)


@pytest.mark.parametrize("kind", ["nginx", "caddy"])
def test_the_lab_behind_a_proxy(
    kind: str, behind: Server, browser: Browser, tmp_path: Path
) -> None:
    scheme, port = ("http" if kind == "nginx" else "https"), free_port()
    site = example(kind).replace("127.0.0.1:8501", behind.address.removeprefix("http://"))
    site = site.replace("listen 80", f"listen 127.0.0.1:{port}")
    site = site.replace(f"{NAME} {{", f"{NAME}:{port} {{")
    with proxy(kind, site, port, tmp_path):
        tab = new_tab(browser, f"{scheme}://{NAME}:{port}", ignore_https_errors=True)
        through(tab)
        cookies = {cookie["name"]: cookie for cookie in tab.context.cookies()}
        assert cookies["recsys_demo"]["secure"] == (scheme == "https")
        assert cookies["recsys_demo"]["path"] == "/lab"
        tab.tests_out_well()
        tab.context.close()


def through(tab: Tab) -> None:
    """Password, deep link, menu, link, upload: all that has an address."""
    page = tab.page
    page.goto(f"{tab.address}/lab/crosses?lesson=Read+this+first")
    page.get_by_label(ASKED).fill(WORD)
    page.keyboard.press("Enter")
    tab.rest()
    tab.sees("Read this first")
    tab.go("Data")
    page.wait_for_url(f"{tab.address}/lab/data?**")
    tab.rest()
    tab.button("Share this state").click()
    link = re.sub(
        r"\s", "", page.get_by_test_id("stPopoverBody").get_by_test_id("stCode").inner_text()
    )
    assert link.startswith(f"{tab.address}/lab/data?lesson=")
    page.goto(link)
    tab.rest()
    tab.sees("Read this first")
    page.get_by_test_id("stMain").get_by_text("Your own file", exact=True).first.click()
    tab.rest()
    page.locator("input[type=file]").set_input_files(
        {"name": "log.csv", "mimeType": "text/csv", "buffer": csv()}
    )
    expect(tab.button(re.compile("Use this log"))).to_be_visible(timeout=PATIENCE_MS)
    for address in ("/lab", "/lab/", "/lab/start"):
        page.goto(f"{tab.address}{address}?seed=5")
        tab.sees("Who memorized, who generalized?")
        tab.rest()


def test_a_lesson_link_asks_once_and_leads_to_the_lesson(behind: Server, browser: Browser) -> None:
    """As a student of the same machine meets the password."""
    tab = new_tab(browser, f"{behind.address}/lab")
    page = tab.page
    page.goto(f"{tab.address}/crosses?lesson=Read+this+first")
    word = page.get_by_label(ASKED)
    expect(word).to_be_focused()
    word.fill("wrong guess")
    page.get_by_role("button", name="Enter").click()
    expect(page.get_by_role("alert")).to_have_text("That is not the password of this lab.")
    page.get_by_label(ASKED).fill(WORD)
    page.keyboard.press("Enter")
    tab.rest()
    tab.sees("Read this first")
    assert page.url.startswith(f"{tab.address}/crosses")
    # Not asked again: another page, another tab of this browser.
    tab.go("Data")
    second = tab.context.new_page()
    second.goto(tab.address)
    expect(second.get_by_test_id("stSidebar")).to_be_visible()
    tab.tests_out_well()
    tab.context.close()


@pytest.mark.parametrize(
    ("lines", "told"),
    [
        (
            "proxy_set_header Host $http_host;",
            f"not answer to the name {NAME}. .*--allow-host {NAME}",
        ),
        ("", f"its connection is refused.*--allow-host {NAME}"),
    ],
    ids=["keeps the name", "passes nothing on"],
)
def test_what_is_missing_is_said_in_one_sentence(
    lines: str, told: str, server: Server, browser: Browser, tmp_path: Path
) -> None:
    port = free_port()
    location = f"location / {{ proxy_pass {server.address}; {lines} }}"
    site = f"server {{ listen 127.0.0.1:{port}; {location} }}"
    with proxy("nginx", site, port, tmp_path):
        tab = new_tab(browser, f"http://{NAME}:{port}")
        tab.page.goto(f"{tab.address}/train")
        tab.sees(re.compile(told))
        tab.context.close()
