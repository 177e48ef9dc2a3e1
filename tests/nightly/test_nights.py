"""The issues on GitHub after each kind of night, over HTTP to a fake GitHub."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

import pytest
from attrs import evolve

from contract_tests.oracle.finding import Kind
from contract_tests.run.result import Reason, Trouble
from scripts.report import write_reports
from tests.nightly.fake_github import BOT, REPOSITORY, TOKEN, Failure, FakeGitHub
from tests.report import runs

if TYPE_CHECKING:
    from contract_tests.run.result import Run
    from tests.nightly.conftest import Nights

OTHER_RUN = '{"schema_version": 2, "verdict": "clean"}'
NEWER = '{"schema_version": 3, "verdict": "drift"}'


def down() -> Run:
    """A run against a server that is down."""
    return evolve(
        runs.inconclusive(), troubles=(Trouble(Reason.SERVER_DOWN, "the server is down"),)
    )


def changed() -> Run:
    """The drift of `runs.drifting`, with another new enum member instead of the first."""
    run = runs.drifting()
    return evolve(
        run,
        findings=(
            *(f for f in run.findings if f.keyword != "enum"),
            runs.finding(seen="SILK", message="SILK"),
        ),
    )


def test_a_first_drift_opens_one_issue(nights: Nights, github: FakeGitHub) -> None:
    """It has the report, the run's address, and the label that later nights find it by."""
    status = nights.night(runs.drifting())

    (issue,) = github.open("drift")
    assert status == 4
    assert "`/binding/kind`" in issue["body"]
    assert f"https://github.example/{REPOSITORY}/actions/runs/77" in issue["body"]
    assert github.labels == {"drift"}


def test_the_same_drift_the_next_night_notifies_no_one(nights: Nights, github: FakeGitHub) -> None:
    """No second issue and no comment; the body says when it was last seen."""
    nights.night(runs.drifting())

    status = nights.night(runs.drifting())

    (issue,) = github.open("drift")
    assert status == 4
    assert github.comments == []
    assert "2026-05-02 03:17 UTC" in issue["body"]


def test_the_same_fact_in_another_job_is_the_same_drift(nights: Nights, github: FakeGitHub) -> None:
    """A sample of jobs differs from night to night."""
    nights.night(runs.run(verdict="drift", findings=(runs.finding(),)))

    nights.night(runs.run(verdict="drift", findings=(runs.finding(job_id=runs.ATLAS),)))

    assert github.comments == []


def test_a_changed_drift_names_what_is_new_and_what_is_gone(
    nights: Nights, github: FakeGitHub
) -> None:
    """Subscribers of the issue get one comment."""
    nights.night(runs.drifting())

    nights.night(changed())

    (issue,) = github.open("drift")
    ((number, comment),) = github.comments
    assert number == issue["number"]
    assert "SILK" in issue["body"]
    assert "1 new, 1 gone" in comment
    new, _, gone = comment.partition("Gone:")
    assert "SILK" in new
    assert "LEATHER" in gone


def test_a_drift_that_is_gone_closes_the_issue(nights: Nights, github: FakeGitHub) -> None:
    """With a comment."""
    nights.night(runs.drifting())

    status = nights.night(runs.run())

    assert status == 0
    assert github.open("drift") == []
    assert [comment for _, comment in github.comments] == [
        "Gone, by [run 77](https://github.example/acme/shelf/actions/runs/77)."
    ]


def test_a_drift_that_returns_reopens_its_issue(nights: Nights, github: FakeGitHub) -> None:
    """A fact that comes and goes is one issue, which keeps the date of the first time."""
    for run in (runs.drifting(), runs.run(), runs.drifting(), runs.run(), runs.drifting()):
        nights.night(run)

    (issue,) = github.open("drift")
    assert len(github.issues) == 1
    assert "**First seen:** 2026-05-01" in issue["body"]
    assert [comment.split(",")[0] for _, comment in github.comments] == [
        *("Gone", "Back", "Gone", "Back"),
    ]


@pytest.mark.parametrize(
    "issue",
    [
        {"body": "We saw this too, see the call notes."},
        {"body": "By a person, with the marker copied", "marker": True},
        {"body": "By this bot, without the marker", "user": {"login": BOT}},
    ],
    ids=["by a person", "copied marker", "no marker"],
)
def test_issues_of_others_are_left_alone(
    nights: Nights, github: FakeGitHub, issue: dict[str, Any]
) -> None:
    """Also with the label: the bot's issues have its author and the hidden marker."""
    nights.night(runs.drifting())
    if issue.pop("marker", False):
        issue["body"] += github.issues[0]["body"]
    github.issues.clear()
    theirs = github.add("drift", **issue)
    before = dict(theirs)

    for run in (runs.drifting(), changed(), runs.run()):
        nights.night(run)

    assert theirs == before
    assert all(number != theirs["number"] for number, _ in github.comments)


def test_notes_of_a_person_in_the_issue_are_kept(nights: Nights, github: FakeGitHub) -> None:
    """The bot replaces its own block only."""
    nights.night(runs.drifting())
    issue = github.issues[0]
    issue["body"] = f"Asked the vendor on Monday.\n\n{issue['body']}\n\nTicket 4711."

    nights.night(changed())

    assert issue["body"].startswith("Asked the vendor on Monday.\n\n<!--")
    assert issue["body"].endswith("-->\n\nTicket 4711.")
    assert "SILK" in issue["body"]
    assert issue["body"].count("First seen") == 4


def test_an_incomplete_run_calls_nothing_gone(nights: Nights, github: FakeGitHub) -> None:
    """A run that a rate limit stopped saw one fact of four: the others stay listed."""
    nights.night(runs.drifting())

    status = nights.night(runs.partial())

    (issue,) = github.open("drift")
    assert status == 4
    assert github.comments == []
    assert "Incomplete run" in issue["body"]
    unseen = issue["body"].partition("Not checked in this run, so still listed")[2]
    assert "/binding/ribbon" in unseen
    nights.night(runs.drifting())
    assert github.comments == []


def test_an_incomplete_run_reports_what_is_new(nights: Nights, github: FakeGitHub) -> None:
    """The issue about inconclusive nights stays open: not everything could be checked."""
    for _ in range(3):
        nights.night(runs.inconclusive())

    nights.night(runs.partial())
    nights.night(runs.partial(runs.finding(seen="SILK", message="SILK")))

    ((_, comment),) = github.comments
    assert "1 new, 0 gone" in comment
    assert len(github.open("drift-inconclusive")) == 1


def test_two_targets_have_issues_of_their_own(nights: Nights, github: FakeGitHub) -> None:
    """With one directory of reports each; the drift of one does not keep the other's open."""
    other = evolve(runs.run(), target="https://staging.example")
    for name, run in (
        ("live", runs.drifting()),
        ("staging", evolve(runs.drifting(), target=other.target)),
    ):
        write_reports(runs.report(run), nights.reports / name)
    first = nights.notify("--drift-status", "4")
    opened = {issue["title"] for issue in github.open("drift")}

    write_reports(runs.report(other), nights.reports / "staging")
    second = nights.notify("--drift-status", "4")

    assert (first, second) == (4, 4)
    assert opened == {
        "API drift: shelf.example does not match the contract",
        "API drift: staging.example does not match the contract",
    }
    assert [issue["title"] for issue in github.open("drift")] == [
        "API drift: shelf.example does not match the contract"
    ]


@pytest.mark.parametrize("private", [False, True])
def test_security_facts_are_in_no_public_issue(
    nights: Nights, github: FakeGitHub, capsys: pytest.CaptureFixture[str], *, private: bool
) -> None:
    """The night fails with an annotation; the issue has the other facts only."""
    github.private = private
    secret = runs.finding(
        keyword="authentication", kind=Kind.BEHAVIOR, location="", message="no credential needed"
    )

    status = nights.night(runs.run(verdict="drift", findings=(secret, runs.finding())))

    (issue,) = github.open("drift")
    assert status == 4
    assert ("no credential needed" in issue["body"]) is private
    assert "LEATHER" in issue["body"]
    assert ("::error title=Security::" in capsys.readouterr().err) is not private


def test_a_night_with_security_facts_alone_opens_no_issue(
    nights: Nights, github: FakeGitHub
) -> None:
    """The failed run notifies the maintainers."""
    secret = runs.finding(keyword="identity", kind=Kind.BEHAVIOR, location="")

    status = nights.night(runs.run(verdict="drift", findings=(secret,)))

    assert (status, github.issues) == (4, [])


def test_a_clean_night_without_issues_only_reads(nights: Nights, github: FakeGitHub) -> None:
    """It sends GET only."""
    nights.night(runs.run())

    assert {request.split()[0] for request in github.requests} == {"GET"}


def test_accepted_findings_are_not_in_the_issue(nights: Nights, github: FakeGitHub) -> None:
    """An accepted fact is not part of the issue."""
    accepted = runs.finding(deviation="until June", location="/accepted")
    nights.night(runs.run(verdict="drift", findings=(accepted, runs.scale(0, 0))))

    nights.night(runs.run(verdict="drift", findings=(runs.scale(1, 0),)))

    assert github.comments == []


def test_one_inconclusive_night_is_only_a_warning(
    nights: Nights, github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """It passes, and opens nothing."""
    nights.night(runs.run())

    status = nights.night(down())

    assert status == 0
    assert github.issues == []
    assert "::warning title=Inconclusive for 1 night::not authorized: every" in (
        capsys.readouterr().err
    )


def test_a_rejected_token_is_reported_on_the_first_night(
    nights: Nights, github: FakeGitHub
) -> None:
    """It stays rejected until a person renews it; the issue has the link."""
    nights.night(runs.run())

    nights.night(runs.inconclusive())

    (issue,) = github.open("drift-inconclusive")
    assert "renew QOVERY\\_API\\_TOKEN" in issue["body"]
    assert "docs/start/nightly.md" in issue["body"]


def test_an_inconclusive_night_without_history_is_reported(
    nights: Nights, github: FakeGitHub
) -> None:
    """Without a conclusive run in the history, it is unknown how long this has lasted."""
    nights.night(runs.run())
    nights.night(down())
    (nights.reports / "history.jsonl").unlink()

    nights.night(down())

    assert len(github.open("drift-inconclusive")) == 1


def test_an_inconclusive_night_leaves_a_drift_open(nights: Nights, github: FakeGitHub) -> None:
    """It does not know whether the drift is still there."""
    nights.night(runs.drifting())
    body = github.issues[0]["body"]

    nights.night(runs.inconclusive())

    assert [issue["body"] for issue in github.open("drift")] == [body]


def test_three_inconclusive_nights_in_a_row_open_one_issue(
    nights: Nights, github: FakeGitHub
) -> None:
    """The fourth night updates it."""
    for run in (runs.run(), down(), down()):
        nights.night(run)
    before = len(github.issues)

    for _ in range(2):
        nights.night(down())

    (issue,) = github.open("drift-inconclusive")
    assert before == 0
    assert "Inconclusive for 4 nights" in issue["body"]
    assert github.open("drift") == []
    assert github.comments == []


@pytest.mark.parametrize(
    "between",
    [runs.run(), evolve(runs.inconclusive(), target="https://staging.example")],
    ids=["conclusive", "other target"],
)
def test_only_consecutive_nights_of_one_target_count(
    nights: Nights, github: FakeGitHub, between: Run
) -> None:
    """Three inconclusive runs are not three nights in a row."""
    for run in (runs.run(), down(), down()):
        nights.night(run)
    github.issues.clear()

    nights.night(between)
    github.issues.clear()
    nights.count = 3
    if between.verdict == "clean":
        nights.night(down())

    assert github.issues == []


def test_three_runs_in_one_night_are_one_night(nights: Nights, github: FakeGitHub) -> None:
    """Repeating a run by hand does not count."""
    nights.night(runs.run())
    for _ in range(3):
        nights.count = 1
        nights.night(down())

    assert github.issues == []


@pytest.mark.parametrize("run", [runs.run(), runs.drifting()], ids=["clean", "drift"])
def test_the_issue_of_inconclusive_nights_is_closed_by_a_complete_run(
    nights: Nights, github: FakeGitHub, run: Run
) -> None:
    """Whatever its verdict."""
    for _ in range(3):
        nights.night(runs.inconclusive())

    nights.night(run)

    assert github.open("drift-inconclusive") == []


def test_an_issue_is_found_on_a_later_page(nights: Nights, github: FakeGitHub) -> None:
    """Pull requests with the label fill the first pages."""
    nights.night(runs.drifting())
    (issue,) = github.issues
    github.page_size = 2
    for _ in range(5):
        github.issues.insert(0, {**issue, "pull_request": {}})
    before = github.requests.count(f"GET /repos/{REPOSITORY}/issues")
    issue["number"] = len(github.issues)

    nights.night(changed())

    assert "SILK" in issue["body"]
    assert github.requests.count(f"GET /repos/{REPOSITORY}/issues") == before + 3 + 1


@pytest.mark.parametrize(
    ("failure", "waited"),
    [
        (Failure("GET", 429, {"Retry-After": "7"}), 7),
        (Failure("POST", 403, {"Retry-After": "30"}), 30),
        (Failure("POST", 403, message="You have exceeded a secondary rate limit"), 60),
        (Failure("PATCH", 502), 1),
        (Failure("GET", None), 1),
    ],
)
def test_rate_limits_and_transient_failures_are_retried(
    nights: Nights, github: FakeGitHub, waits: list[float], failure: Failure, waited: float
) -> None:
    """After the time that GitHub names; the result is the same."""
    nights.night(runs.drifting())
    github.failures.append(failure)

    status = nights.night(changed())

    (issue,) = github.open("drift")
    assert status == 4
    assert "SILK" in issue["body"]
    assert waits == [waited]
    assert len(github.comments) == 1


def test_the_reset_of_a_rate_limit_is_a_time(
    nights: Nights, github: FakeGitHub, waits: list[float], monkeypatch: pytest.MonkeyPatch
) -> None:
    """`x-ratelimit-reset` is a time, not a number of seconds."""
    monkeypatch.setattr("time.time", lambda: 1_000_000.0)
    headers = {"x-ratelimit-remaining": "0", "x-ratelimit-reset": "1000042"}
    github.failures.append(Failure("GET", 403, headers))

    nights.night(runs.drifting())

    assert waits == [42.0]
    assert len(github.open("drift")) == 1


@pytest.mark.parametrize("headers", [{"Retry-After": "3600"}, {"Retry-After": "nonsense"}])
def test_a_long_rate_limit_is_an_error(
    nights: Nights,
    github: FakeGitHub,
    capsys: pytest.CaptureFixture[str],
    headers: dict[str, str],
) -> None:
    """The job does not sleep for an hour, nor retry forever."""
    github.failures += [Failure("GET", 429, headers, "slow down")] * 6

    status = nights.night(runs.drifting())

    assert status == 1
    assert "returned 429: slow down" in capsys.readouterr().err
    assert github.issues == []


def test_the_total_wait_is_bounded(nights: Nights, github: FakeGitHub, waits: list[float]) -> None:
    """Several short waits could add up to an hour."""
    github.failures += [Failure("GET", 429, {"Retry-After": "140"})] * 3

    status = nights.night(runs.drifting())

    assert status == 1
    assert waits == [140.0, 140.0]


@pytest.mark.parametrize("when", ["before", "after"])
@pytest.mark.parametrize("status", [None, 500, 504])
def test_a_lost_response_opens_no_second_issue(
    nights: Nights, github: FakeGitHub, when: Any, status: int | None
) -> None:
    """The bot looks at the issues before it tries again."""
    github.labels.add("drift")
    github.failures += [
        Failure("POST", 422, when="before"),  # the label, which is there
        Failure("POST", status, when=when),
    ]

    nights.night(runs.drifting())

    assert len(github.open("drift")) == 1


@pytest.mark.parametrize(
    ("failure", "words"),
    [
        (Failure("GET", 401), "returned 401: made to fail; check GITHUB_TOKEN"),
        (Failure("GET", 404), "check GITHUB_REPOSITORY"),
        (Failure("POST", 403), "the job needs `issues: write`"),
        (Failure("POST", 410), "enable issues"),
        (Failure("GET", 301), "returned 301"),
    ],
)
def test_a_failed_call_fails_the_night(
    nights: Nights,
    github: FakeGitHub,
    capsys: pytest.CaptureFixture[str],
    failure: Failure,
    words: str,
) -> None:
    """One line: the call, the status and what to do; never the token."""
    github.failures.append(failure)

    status = nights.night(runs.drifting())

    printed = capsys.readouterr()
    assert status == 1
    assert "::error title=The nightly drift could not be reported::" in printed.err
    assert words in printed.err
    assert TOKEN not in printed.err + printed.out


def test_a_server_error_is_retried_a_few_times(
    nights: Nights, github: FakeGitHub, waits: list[float]
) -> None:
    """With longer waits each time."""
    github.failures += [Failure("GET", 503)] * 20

    status = nights.night(runs.drifting())

    assert status == 1
    assert waits == [1.0, 2.0, 4.0]


def test_an_unreachable_github_fails(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """The night fails."""
    monkeypatch.setenv("GITHUB_API_URL", "http://127.0.0.1:9")

    assert nights.night(runs.drifting()) == 1


@pytest.mark.parametrize(
    "pages_url",
    ["http://localhost:9", "http://127.0.0.1:9", "https{url}"],
    ids=["host", "port", "scheme"],
)
def test_the_token_does_not_follow_a_page_to_another_server(
    nights: Nights, github: FakeGitHub, capsys: pytest.CaptureFixture[str], pages_url: str
) -> None:
    """A link comes from a server; its scheme, host and port have to be the same."""
    github.page_size = 1
    github.pages_url = pages_url.format(url=github.url.removeprefix("http"))
    for _ in range(2):
        github.add("drift", user={"login": BOT})

    status = nights.night(runs.drifting())

    assert status == 1
    assert "the next page is on another server" in capsys.readouterr().err


def test_a_response_that_is_not_a_list_of_issues_fails(
    nights: Nights, github: FakeGitHub, capsys: pytest.CaptureFixture[str]
) -> None:
    """The page of a proxy does not mean that no issue is open."""
    github.failures.append(Failure("GET", 200))

    status = nights.night(runs.drifting())

    assert status == 1
    assert "check GITHUB_API_URL" in capsys.readouterr().err


@pytest.mark.parametrize("status", ["1", "2", "137", ""])
def test_a_failed_run_is_an_error(
    nights: Nights, github: FakeGitHub, capsys: pytest.CaptureFixture[str], status: str
) -> None:
    """Also with the reports of an earlier run."""
    write_reports(runs.report(runs.run()), nights.reports)

    ended = nights.notify("--drift-status", status)

    assert ended == 1
    assert "::error title=The nightly drift failed::scripts.drift" in capsys.readouterr().err
    assert github.requests == []


@pytest.mark.parametrize("content", [None, "", "{", "[]", '{"verdict": "drift"}', OTHER_RUN, NEWER])
def test_a_report_of_another_run_is_an_error(
    nights: Nights, github: FakeGitHub, capsys: pytest.CaptureFixture[str], content: str | None
) -> None:
    """Missing, torn, or with another verdict than the exit status: no issue is touched."""
    if content is not None:
        (nights.reports / "drift.json").write_text(content)

    ended = nights.notify("--drift-status", "4")

    assert ended == 1
    assert "drift.json: " in capsys.readouterr().err
    assert github.requests == []


def _compare(nights: Nights, status: str, *items: dict[str, Any]) -> int:
    verdict = "divergence" if status == "4" else "clean"
    report = {"schema_version": 1, "verdict": verdict, "divergences": list(items)}
    (nights.reports / "compare.json").write_text(json.dumps(report))
    return nights.night(runs.run(), "--compare-status", status)


def _divergence(**changes: Any) -> dict[str, Any]:
    return {
        "location": "/binding/kind",
        "change": "enum member added",
        "ours": ["PAPER"],
        "theirs": ["PAPER", "SILK"],
        "severity": "additive",
        "deviation": None,
        **changes,
    }


def test_a_divergence_has_an_issue_of_its_own(nights: Nights, github: FakeGitHub) -> None:
    """Opened, commented on when it changes, closed when it is gone; the night passes."""
    first = _compare(nights, "4", _divergence())
    _compare(nights, "4", _divergence(), _divergence(location="/pages", change="type changed"))
    (issue,) = github.open("divergence")
    comments = list(github.comments)
    last = _compare(nights, "0")

    assert (first, last) == (0, 0)
    assert "`/pages` `type changed`" in issue["body"]
    assert ["1 new, 0 gone" in comment for _, comment in comments] == [True]
    assert github.open("divergence") == []


def test_a_divergence_that_is_accepted_opens_nothing(nights: Nights, github: FakeGitHub) -> None:
    """A deviation covers it."""
    _compare(nights, "0", _divergence(deviation="theirs is a mistake"))

    assert github.issues == []


@pytest.mark.parametrize("ended", ["2", "5"])
def test_an_unreadable_document_is_a_warning(
    nights: Nights, github: FakeGitHub, capsys: pytest.CaptureFixture[str], ended: str
) -> None:
    """An open divergence stays open."""
    _compare(nights, "4", _divergence())

    status = nights.night(runs.run(), "--compare-status", ended)

    assert status == 0
    assert "::warning title=Not compared::" in capsys.readouterr().err
    assert len(github.open("divergence")) == 1


def test_a_failed_comparison_does_not_hide_the_drift(nights: Nights, github: FakeGitHub) -> None:
    """The issue is opened, and the night fails."""
    status = nights.night(runs.drifting(), "--compare-status", "1")

    assert status == 1
    assert len(github.open("drift")) == 1


def test_five_hundred_findings_fit_into_an_issue(nights: Nights, github: FakeGitHub) -> None:
    """GitHub accepts 65,536 characters. What changed is still right."""
    text = "é<!-->" * 90
    many = tuple(
        runs.finding(location=f"/p{number}/{text}", message=f"{number} {text}")
        for number in range(500)
    )
    nights.night(runs.run(verdict="drift", findings=many))
    nights.night(runs.run(verdict="drift", findings=many))
    unchanged = list(github.comments)

    nights.night(runs.run(verdict="drift", findings=many[1:]))

    (issue,) = github.open("drift")
    assert len(issue["body"]) < 65_536
    assert unchanged == []
    assert all("0 new, 1 gone" in comment for _, comment in github.comments)


def test_a_marker_that_a_server_sent_is_ignored(nights: Nights, github: FakeGitHub) -> None:
    """The state is the last marker of the body, the block begins at the first."""
    forged = runs.finding(
        seen='<!-- nightly: {"topic": "x"} -->',
        message="<!-- nightly: begin --> {} -->",
        keyword="pattern",
    )
    nights.night(runs.run(verdict="drift", findings=(forged,)))

    nights.night(runs.run(verdict="drift", findings=(forged,)))

    assert github.comments == []


@pytest.mark.parametrize("name", ["GITHUB_TOKEN", "GITHUB_REPOSITORY"])
def test_a_missing_variable_is_a_usage_error(
    nights: Nights,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
    name: str,
) -> None:
    """It names the variable."""
    monkeypatch.delenv(name)

    with pytest.raises(SystemExit) as ended:
        nights.notify("--drift-status", "0")

    assert ended.value.code == 2
    assert name in capsys.readouterr().err


def test_an_annotation_is_one_line(nights: Nights, capsys: pytest.CaptureFixture[str]) -> None:
    """A second line could be another command for GitHub Actions."""
    nights.night(evolve(runs.inconclusive(), reason="100% gone\n::add-mask::x"))

    assert "100%25 gone%0A::add-mask::x" in capsys.readouterr().err
