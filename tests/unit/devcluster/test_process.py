import os
import signal
from pathlib import Path

import pytest

from devcluster.commands import wait_until
from devcluster.errors import ProgramDiedError
from devcluster.process import Process, only_child, parse_stat, read_stat


def make_process(folder: Path) -> Process:
    return Process("sleeper", folder / "sleeper.pid", folder / "sleeper.log")


def test_a_process_name_with_spaces_and_parentheses_does_not_shift_the_fields() -> None:
    fields = ["S", "1", *["0"] * 17, "4711", "0"]
    stat = parse_stat(f"42 (a (b) c) {' '.join(fields)}\n")
    assert (stat.pid, stat.state, stat.parent, stat.started_ticks) == (42, "S", 1, 4711)


def test_a_started_program_is_alive_and_a_stopped_one_is_gone(tmp_path: Path) -> None:
    process = make_process(tmp_path)
    process.start(["sleep", "60"])
    pid = process.pid()
    assert pid is not None
    process.stop()
    assert process.pid() is None
    assert not process.recorded()
    wait_until(lambda: (stat := read_stat(pid)) is None or stat.state == "Z", what="sleep: ended", seconds=5)


def test_a_program_that_ignores_the_polite_signal_is_ended_all_the_same(tmp_path: Path) -> None:
    process = make_process(tmp_path)
    process.start(["/bin/sh", "-c", "trap '' TERM; echo ready; while :; do sleep 1; done"])
    wait_until(lambda: "ready" in process.log_file.read_text(), what="sh: ready", seconds=5)
    process.stop(grace_seconds=0.1)
    assert process.pid() is None


def test_a_stranger_with_the_recorded_pid_is_not_ours_and_is_left_alone(tmp_path: Path) -> None:
    ours, stranger = make_process(tmp_path), Process("other", tmp_path / "other.pid", tmp_path / "other.log")
    stranger.start(["sleep", "60"])
    pid = stranger.pid()
    assert pid is not None
    started = read_stat(pid)
    assert started is not None
    line, boot = stranger.pid_file.read_text().splitlines()
    ours.pid_file.write_text(f"{line.replace(str(started.started_ticks), '1')}\n{boot}\n")
    ours.stop()
    assert stranger.pid() == pid
    stranger.stop()


def test_a_pid_of_another_boot_is_not_ours(tmp_path: Path) -> None:
    process = make_process(tmp_path)
    process.start(["sleep", "60"])
    text = process.pid_file.read_text()
    line, _ = text.splitlines()
    process.pid_file.write_text(f"{line}\nanother-boot\n")
    assert process.pid() is None
    process.pid_file.write_text(text)
    process.stop()


@pytest.mark.parametrize("text", ["", "garbage", "12 (x) S\nboot\n"])
def test_a_damaged_pid_file_names_nobody(tmp_path: Path, text: str) -> None:
    process = make_process(tmp_path)
    process.pid_file.write_text(text)
    assert process.pid() is None


def test_a_program_that_died_is_reported_with_the_end_of_its_log(tmp_path: Path) -> None:
    process = make_process(tmp_path)
    process.start(["/bin/sh", "-c", "echo no such port; exit 3"])
    wait_until(lambda: process.pid() is None, what="sh: ended", seconds=5)
    with pytest.raises(ProgramDiedError, match=r"sleeper ended although it should run(.|\n)*no such port"):
        process.require_alive()


def test_the_one_child_of_a_process_is_found(tmp_path: Path) -> None:
    process = make_process(tmp_path)
    process.start(["/bin/sh", "-c", "sleep 60; true"])
    parent = process.pid()
    assert parent is not None
    child = only_child(parent)
    stat = read_stat(child)
    assert stat is not None
    assert stat.parent == parent
    os.kill(child, signal.SIGKILL)
    process.stop()
