"""Fixtures for the tests that run the real program."""
import atexit, os, pathlib, shutil, subprocess, sys, tempfile

import pytest

# Threads that wait sleep instead of spinning: small models on a busy machine otherwise wait for each other.
os.environ.setdefault("OMP_WAIT_POLICY", "passive")

ROOT = pathlib.Path(__file__).resolve().parent.parent
SHARED = pathlib.Path(os.environ.get("LF_SHARED", ROOT.parent / "shared"))


if "LF_CACHE" not in os.environ:  # prepared data of tests never reaches the user's cache
    os.environ["LF_CACHE"] = tempfile.mkdtemp(prefix="lf-cache-")
    atexit.register(shutil.rmtree, os.environ["LF_CACHE"], ignore_errors=True)


@pytest.fixture(scope="session")
def cli():
    path = pathlib.Path(os.environ.get("LF_CLI", ROOT / "build/release/bin/llamafactory-cli"))
    assert path.exists(), f"{path} is missing: run `make build` first"
    return path


@pytest.fixture(scope="session")
def shared():
    """The shared reference material; absent on a user's machine."""
    if not (SHARED / "golden" / "data").exists():
        if os.environ.get("CI") == "true":
            pytest.fail("../shared is missing, and CI=true needs it")
        pytest.skip("skipped: no ../shared")
    return SHARED


@pytest.fixture
def run(cli, tmp_path):
    """run("train", "x.yaml", "a=b", ok=True) -> CompletedProcess with text output."""

    def call(*args, ok=True, env=None, cwd=None, input=None, timeout=600):
        result = subprocess.run([str(cli), *map(str, args)], capture_output=True, text=True, cwd=cwd or tmp_path, input=input,
                                env={**os.environ, **(env or {})}, timeout=timeout)
        if ok:
            assert result.returncode == 0, f"{args} ended with {result.returncode}\n{result.stdout[-2000:]}\n{result.stderr[-4000:]}"
        return result

    return call


@pytest.fixture
def demo():
    """The bundled tiny model."""
    return ROOT / "examples" / "demo" / "model"


@pytest.fixture
def data_dir():
    """The bundled datasets."""
    return ROOT / "data"
