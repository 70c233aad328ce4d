"""Orders of mixed and streamed rows: fresh random cases, made by Python datasets at this moment, against ours."""
import os, pathlib, subprocess, sys

import pytest

ROOT = pathlib.Path(__file__).resolve().parent.parent.parent
BIN = pathlib.Path(os.environ.get("LF_BIN_DIR", ROOT / "build/release/bin"))


@pytest.mark.parametrize("seed", [11, 12])
def test_orders_equal_those_of_datasets(seed, tmp_path):
    datasets = pytest.importorskip("datasets")
    assert datasets.__version__.startswith("4.0."), "the reference uses datasets 4.0"
    environment = {**os.environ, "HF_HUB_OFFLINE": "1", "HF_DATASETS_CACHE": str(tmp_path / "cache"), "HF_HOME": str(tmp_path / "home")}
    cases = tmp_path / "cases.json"
    subprocess.run([sys.executable, str(ROOT / "tools/make_stream_orders.py"), str(cases), "--cases", "150", "--seed", str(seed)], check=True, env=environment)
    result = subprocess.run([str(BIN / "data_test"), "--gtest_filter=Orders.*"], env={**environment, "LF_ORDER_CASES": str(cases)}, capture_output=True, text=True)
    assert result.returncode == 0 and "1 test" in result.stdout, result.stdout[-3000:] + result.stderr[-2000:]
