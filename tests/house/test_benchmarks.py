"""Every benchmark is run by `make bench`, and tells what it measures."""

import importlib
import pkgutil

import pytest

import benchmarks

NAMES = sorted(module.name for module in pkgutil.iter_modules(benchmarks.__path__) if module.name != "__main__")


@pytest.mark.parametrize("name", NAMES)
def test_a_benchmark_takes_options_and_has_help(name: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        importlib.import_module(f"benchmarks.{name}").main(["--help"])

    assert ended.value.code == 0
    assert f"benchmarks.{name} [-h]" in capsys.readouterr().out
