"""A sample of tests/fault/train_faults.py on a tiny golden model; LF_FAULT_POINTS=0 LF_FAULT_MOMENTS=50 runs all of it."""
import os, pathlib, subprocess, sys

import pytest

SCRIPT = pathlib.Path(__file__).with_name("train_faults.py")


@pytest.mark.parametrize("tuning", ["lora", "full"])
def test_killed_runs_end_with_the_same_bits(tuning, cli, shared):
    golden = shared / "golden" / "data"
    points, moments = os.environ.get("LF_FAULT_POINTS", "6"), os.environ.get("LF_FAULT_MOMENTS", "4")
    result = subprocess.run([sys.executable, SCRIPT, cli, golden / "models" / "llama", "--dataset-dir", golden / "training" / "datasets",
                             "--points", points, "--moments", moments, *(["--full"] if tuning == "full" else [])],
                            capture_output=True, text=True, timeout=7200)
    print(result.stdout)
    assert result.returncode == 0, result.stdout[-4000:] + result.stderr[-2000:]
