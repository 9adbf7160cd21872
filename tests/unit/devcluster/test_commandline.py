import pytest

from devcluster.__main__ import build_parser, main


def test_up_makes_a_node_named_demo_unless_told_otherwise() -> None:
    options = build_parser().parse_args(["up"])
    assert (options.name, options.size) == ("demo", "node")


def test_several_images_can_be_loaded_at_once() -> None:
    options = build_parser().parse_args(["load-image", "a:1", "b:2", "--name", "test"])
    assert (options.images, options.name) == (["a:1", "b:2"], "test")


def test_an_unknown_size_is_refused_by_the_sizes_that_exist(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        build_parser().parse_args(["up", "--size", "huge"])
    assert "control-plane" in capsys.readouterr().err


def test_an_error_is_one_message_and_a_failing_exit_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["up", "--name", "Not A Name"]) == 1
    assert capsys.readouterr().err.startswith('devcluster: --name "Not A Name": expected')
