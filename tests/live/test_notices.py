"""Notices: what is told, when, to whom, and what never happens to the training."""

from __future__ import annotations

import json
import socket
import threading
import time
import urllib.request
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any, Literal

import pytest

import traindx
from traindx.diagnosis import Evidence, Finding, Severity
from traindx.errors import UsageError
from traindx.live import Notice, Notifier, StopDecision, notice_of, send
from traindx.live.changes import Change
from traindx.live.notices import Cooldown, Gate, addresses_of
from traindx.run import Span

SECRET = "T0kEn5eCr3t"

# A library of apprise's asks the standard library what kind of picture a file is.
pytestmark = pytest.mark.filterwarnings("ignore:'imghdr' is deprecated:DeprecationWarning")


class Service(ThreadingHTTPServer):
    """A real HTTP server that keeps what it was sent, and answers as it was told to."""

    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Answering)
        self.got: list[dict[str, Any]] = []
        self.answers: list[tuple[int, float, str]] = []  # status, delay, location; the last one stays

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.server_port}/hook/{SECRET}"

    def wait_for(self, count: int, within_s: float = 4.0) -> None:
        end = time.monotonic() + within_s
        while len(self.got) < count and time.monotonic() < end:
            time.sleep(0.005)
        assert len(self.got) >= count, self.got


class Answering(BaseHTTPRequestHandler):
    server: Service

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.got.append({"path": self.path, "told": json.loads(body), "type": self.headers["Content-Type"]})
        answers = self.server.answers
        status, delay, location = (answers.pop(0) if len(answers) > 1 else answers[0]) if answers else (200, 0.0, "")
        time.sleep(delay)
        self.send_response(status)
        if location:
            self.send_header("Location", location)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def do_GET(self) -> None:
        self.server.got.append({"path": self.path, "told": "GET"})
        self.send_response(200)
        self.end_headers()

    def log_message(self, *args: object) -> None:
        return


@contextmanager
def service() -> Iterator[Service]:
    server = Service()
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True)
    thread.start()
    try:
        yield server
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def change(
    code: str = "NAN001",
    state: Literal["appeared", "worse", "cleared"] = "appeared",
    severity: Severity = Severity.ERROR,
    headline: str = "train/loss is NaN from step 40 on",
    series: str = "train/loss",
    step: float | None = 40.0,
) -> Change:
    evidence = Evidence(label="first", measured=40.0, span=Span(series=series, first_step=40.0, last_step=40.0))
    finding = Finding(
        code=code,
        name="nan-in-loss",
        condition="nan",
        severity=severity,
        confidence=0.99,
        headline=headline,
        evidence=(evidence,),
    )
    return Change(state, finding, step)


WARNING = change("STA001", severity=Severity.WARNING, headline="3 spikes")
HASTY = Cooldown(between_s=60.0, joined_s=0.02)


def notifier(url: str, **more: Any) -> Notifier:
    return Notifier(addresses_of([url]), **{"run": "run-7", "cooldown": HASTY, "pauses_s": (0.01, 0.02), **more})


def test_a_plain_webhook_gets_the_notice_as_json() -> None:
    with service() as hook:
        assert send(notice_of([change()], run="run-7"), [hook.url]) == ()
        assert hook.got[0]["type"].startswith("application/json")
        assert hook.got[0]["told"] == {
            "schema_version": "1",
            "title": "run-7: 1 found at step 40",
            "text": "appeared: NAN001 train/loss is NaN from step 40 on",
            "level": "error",
            "run": "run-7",
            "step": 40.0,
            "codes": ["NAN001"],
        }


@pytest.mark.parametrize(
    ("word", "where"),
    [
        ("slack", ("text",)),
        ("discord", ("content",)),
        ("feishu", ("content", "text")),
        ("dingtalk", ("text", "content")),
        ("wecom", ("text", "content")),
    ],
)
def test_each_service_gets_its_own_form(word: str, where: tuple[str, ...]) -> None:
    with service() as hook:
        assert send(notice_of([change()], run="run-7"), f"{word}+{hook.url}") == ()
        told = hook.got[0]["told"]
        for key in where:
            told = told[key]
        assert told == "run-7: 1 found at step 40\nappeared: NAN001 train/loss is NaN from step 40 on"


@pytest.mark.parametrize(
    ("url", "form"),
    [
        ("https://hooks.slack.com/services/T/B/x", "slack"),
        ("https://discord.com/api/webhooks/1/x", "discord"),
        ("https://open.feishu.cn/open-apis/bot/v2/hook/x", "feishu"),
        ("https://open.larksuite.com/open-apis/bot/v2/hook/x", "feishu"),
        ("https://example.org/hook", "json"),
        ("slack+https://chat.example.org/hooks/x", "slack"),
        ("https://hooks.slack.com.example.org/x", "json"),
    ],
)
def test_the_form_follows_from_the_address(url: str, form: str) -> None:
    (address,) = addresses_of([url])
    assert address.form == form
    assert address.url.startswith("https://")


def test_a_name_in_a_log_mentions_nobody() -> None:
    loud = change(headline='<!channel> @everyone <at user_id="all"></at> \x1b[31mred\u202e rises', series="x")
    with service() as hook:
        for word in ("slack", "discord", "feishu", "json"):
            send(notice_of([loud], run="a\nb\x07"), f"{word}+{hook.url}")
        slack, discord, feishu, plain = (one["told"] for one in hook.got)
    assert "<" not in slack["text"]
    assert discord["allowed_mentions"] == {"parse": []}
    assert "<at" not in feishu["content"]["text"]
    assert "\x1b" not in plain["text"]
    assert "\u202e" not in plain["text"]
    assert plain["run"] == "a b"


def test_apprise_delivers_to_its_own_json_service() -> None:
    with service() as hook:
        url = hook.url.replace("http://", "json://")
        assert send(notice_of([change()], run="run-7"), [url]) == ()
        told = hook.got[0]["told"]
        assert told["title"] == "run-7: 1 found at step 40"
        assert told["message"].startswith("appeared: NAN001")
        assert told["type"] == "failure"


def test_apprise_s_refusal_is_a_failure_without_the_secret(caplog: pytest.LogCaptureFixture) -> None:
    with service() as hook:
        hook.answers = [(500, 0.0, "")]
        (failure,) = send(notice_of([change()]), hook.url.replace("http://", "json://"))
        assert SECRET not in f"{failure}"
        assert SECRET not in caplog.text


@pytest.mark.parametrize(
    ("url", "said"),
    [
        ("file:///etc/passwd", "cannot go to file://"),
        ("ftp://host/x", "cannot go to ftp://"),
        ("gopher://host/x", "cannot go to gopher://"),
        ("slack+file:///etc/passwd", "needs a scheme"),
        ("http:///nowhere", "names no host"),
        ("https://host/a b", "blanks"),
        ("teams+https://host/x", "no form of message"),
        ("example.org/hook", "needs a scheme"),
        ("qwertz://host/T0kEn5eCr3t", "no service takes the address qwertz://…"),
        ("http://[::1/T0kEn5eCr3t", "cannot be read"),
    ],
)
def test_an_address_that_is_none_is_refused_before_anything_is_sent(url: str, said: str) -> None:
    with service() as hook:
        with pytest.raises(UsageError, match=said) as told:
            send(notice_of([change()]), [hook.url, url])
        assert SECRET not in str(told.value)
        assert hook.got == []


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_redirects_are_not_followed(status: int, tmp_path: Path) -> None:
    with service() as hook, service() as elsewhere:
        for location in (elsewhere.url, f"file://{tmp_path}"):
            hook.answers = [(status, 0.0, location)]
            (failure,) = send(notice_of([change()]), hook.url)
            assert f"redirect ({status})" in failure.why
            assert failure.lasting
        assert elsewhere.got == []


def test_a_refused_connection_is_a_failure_and_no_error() -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        port = taken.getsockname()[1]
        (failure,) = send(notice_of([change()]), f"http://127.0.0.1:{port}/{SECRET}")
    assert "refused" in failure.why.lower()
    assert SECRET not in f"{failure}"


def test_a_slow_service_is_given_up() -> None:
    with service() as hook:
        hook.answers = [(200, 1.0, "")]
        begun = time.monotonic()
        (failure,) = send(notice_of([change()]), hook.url, timeout_s=0.1)
        assert time.monotonic() - begun < 0.8
        assert failure.why == "no answer in time"


def test_changes_that_come_together_are_one_notice() -> None:
    with service() as hook:
        told = notifier(hook.url)
        for one in (change(), WARNING, change("LRS001", severity=Severity.INFO)):
            told.change(one)
        told.close()
        assert len(hook.got) == 1
        assert hook.got[0]["told"]["codes"] == ["NAN001", "STA001"]
        assert hook.got[0]["told"]["title"] == "run-7: 2 found at step 40"


def test_the_last_notice_gets_through_a_cool_down() -> None:
    with service() as hook:
        told = notifier(hook.url)
        told.change(change())
        hook.wait_for(1)
        told.change(change("DIV001"))
        time.sleep(0.1)
        assert len(hook.got) == 1
        told.close()
        assert [one["told"]["codes"] for one in hook.got] == [["NAN001"], ["DIV001"]]


def test_a_decision_to_stop_waits_for_no_cool_down() -> None:
    with service() as hook:
        told = notifier(hook.url)
        told.change(WARNING)
        hook.wait_for(1)
        told.stopped(StopDecision("NAN001: the loss is NaN", change().finding, 50.0))
        hook.wait_for(2)
        told.close()
        assert hook.got[1]["told"]["title"] == "run-7: stopped at step 50"
        assert hook.got[1]["told"]["text"] == "stopped: NAN001: the loss is NaN"


def test_a_failing_service_is_tried_again_and_then_warned_of_once() -> None:
    with service() as hook:
        hook.answers = [(503, 0.0, ""), (503, 0.0, ""), (200, 0.0, "")]
        told = notifier(hook.url)
        told.change(change())
        hook.wait_for(3)
        told.close()
        assert len(hook.got) == 3

        hook.answers = [(503, 0.0, "")]
        with warnings.catch_warnings(record=True) as caught:
            warnings.simplefilter("always")
            told = notifier(hook.url)
            for code in ("A", "B"):
                told.send(notice_of([change(code)]))
            hook.wait_for(9)
            told.close()
        said = [str(one.message) for one in caught]
        assert said == ["traindx: a notice to http://127.0.0.1/… failed: it answers with status 503; training goes on"]


def test_what_will_not_change_is_not_tried_again() -> None:
    with service() as hook:
        hook.answers = [(404, 0.0, "")]
        told = notifier(hook.url, cooldown=Cooldown(joined_s=60.0))
        told.change(change())
        with pytest.warns(RuntimeWarning, match="status 404"):
            told.close()
        assert len(hook.got) == 1


def test_a_training_never_waits_for_a_service() -> None:
    with service() as hook:
        hook.answers = [(200, 6.0, "")]
        told = notifier(hook.url, last_s=0.1)
        begun = time.perf_counter()
        for number in range(1_000):
            told.change(change(f"C{number}"))
        assert time.perf_counter() - begun < 3.0
        hook.wait_for(1)
        begun = time.perf_counter()
        with pytest.warns(RuntimeWarning, match="not waited for"):
            told.close()
        assert time.perf_counter() - begun < 3.0


def test_a_flood_keeps_the_newest_notices_only() -> None:
    with service() as hook:
        hook.answers = [(200, 0.1, ""), (200, 0.0, "")]
        told = notifier(hook.url)
        for number in range(100):
            told.send(Notice(title=f"n{number}", text=""))
        told.close()
        titles = [one["told"]["title"] for one in hook.got]
        assert len(titles) <= 9
        assert titles[-1] == "n99"


def test_a_cool_down_joins_what_comes_meanwhile_and_forgets_what_came_and_went() -> None:
    gate = Gate(Cooldown(between_s=100.0, joined_s=1.0))
    gate.take(change(), 0.0)
    assert gate.wait_s(0.0) == 1.0
    assert [c.finding.code for c in gate.due(1.0)] == ["NAN001"]
    gate.take(change("B"), 5.0)
    gate.take(change("C"), 6.0)
    gate.take(replace(change("C"), state="cleared"), 7.0)
    gate.take(replace(change(), state="cleared"), 8.0)
    assert gate.wait_s(8.0) == 93.0
    assert gate.due(100.0) == ()
    assert [(c.finding.code, c.state) for c in gate.due(101.0)] == [("B", "appeared"), ("NAN001", "cleared")]
    assert gate.wait_s(102.0) is None


def test_what_was_never_told_needs_no_all_clear() -> None:
    gate = Gate(Cooldown(least="error"))
    gate.take(WARNING, 0.0)
    gate.take(replace(WARNING, state="cleared"), 1.0)
    assert gate.wait_s(2.0) is None


def test_what_is_graver_than_the_last_notice_does_not_wait() -> None:
    gate = Gate(Cooldown(between_s=100.0, joined_s=0.0))
    gate.take(WARNING, 0.0)
    assert len(gate.due(0.0)) == 1
    gate.take(change("STA002", severity=Severity.WARNING), 1.0)
    assert gate.due(1.0) == ()
    gate.take(change(), 2.0)
    assert [c.finding.code for c in gate.due(2.0)] == ["STA002", "NAN001"]
    gate.take(change("DIV001"), 3.0)
    assert gate.due(3.0) == ()
    assert len(gate.due(102.0)) == 1


def test_a_thousand_changes_make_one_notice_in_a_cool_down() -> None:
    gate = Gate(Cooldown(between_s=100.0, joined_s=1.0))
    sent = 0
    for second in range(1_000):
        state: Literal["appeared", "cleared"] = "cleared" if second % 2 else "appeared"
        gate.take(replace(change(f"C{second // 2 % 7}"), state=state), float(second))
        sent += bool(gate.due(float(second)))
    assert sent <= 10


def test_a_live_run_tells_its_faults_and_only_once(tmp_path: Path) -> None:
    with service() as hook:
        with traindx.Monitor(
            tmp_path / "run-7", objective=traindx.CrossEntropy(num_classes=10), quiet=True, notify=hook.url
        ) as monitor:
            for step in range(200):
                monitor.log(loss=2.3 - 0.005 * step if step < 100 else float("nan"))
                if step in (120, 150, 180):
                    monitor.judge()
        told = [one["told"] for one in hook.got]
    assert told[0]["run"] == "run-7"
    assert sum("NAN001" in one["codes"] for one in told) == 1
    assert SECRET not in json.dumps(told)


def test_the_variable_adds_addresses_and_a_wrong_one_does_not_end_a_training(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with service() as hook:
        monkeypatch.setenv("TRAINDX_NOTIFY", f"{hook.url} slack+{hook.url}")
        told = Notifier.of(None, run="run-7")
        told.send(notice_of([change()]))
        told.close()
        assert [set(one["told"]) for one in hook.got] == [
            {"schema_version", "title", "text", "level", "run", "step", "codes"},
            {"text"},
        ]
    monkeypatch.setenv("TRAINDX_NOTIFY", f"file:///{SECRET}")
    with pytest.warns(RuntimeWarning, match="TRAINDX_NOTIFY is left out: notices cannot go to file://") as caught:
        traindx.Monitor(tmp_path, quiet=True).close()
    assert not any(SECRET in str(one.message) for one in caught)


def test_a_notifier_without_addresses_starts_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("TRAINDX_NOTIFY", raising=False)
    before = threading.active_count()
    told = Notifier.of(None)
    told.change(change())
    assert threading.active_count() == before
    told.close()


def test_the_opener_of_addresses_opens_no_files(tmp_path: Path) -> None:
    from traindx.live.notices import webhook

    opener = webhook._opener()
    assert opener.open(urllib.request.Request(f"file://{tmp_path}")) is None  # no handler takes it
