"""`download` against a hub that misbehaves on command: every fault ends in a clear error or in the whole, verified file."""
import hashlib, os, random, signal, subprocess, time

import pytest

from fixture_server import FixtureHub, git_sha1, sha256

BIG = random.Random(7).randbytes(3_000_000)
FILES = {"config.json": b'{"model_type": "llama"}', "README.md": b"# tiny\n", "model.safetensors": BIG, "tokenizer.json": b"{}" * 50,
         "generation_config.json": b"{}", "pytorch_model.bin": b"pickle", "original/params.json": b"{}", "empty.txt": b""}


@pytest.fixture
def hub():
    with FixtureHub() as hub:
        hub.add("model", "org/tiny", FILES, lfs=["model.safetensors", "pytorch_model.bin"])
        yield hub
        assert not hub.leaks, f"the token went to another host: {hub.leaks}"


def environment(hub, tmp_path, **more):
    env = {k: v for k, v in os.environ.items() if not k.upper().startswith(("HF_", "MODELSCOPE", "USE_", "HTTP"))}
    env.update({"HF_ENDPOINT": hub.url, "HF_HOME": str(tmp_path / "home"), "HF_TOKEN": hub.token, "LLAMAFACTORY_HUB_RETRY_SECONDS": "0.02",
                "HF_HUB_DOWNLOAD_TIMEOUT": "2", "NO_PROXY": "127.0.0.1,localhost", "MODELSCOPE_ENDPOINT": hub.url, "MODELSCOPE_CACHE": str(tmp_path / "ms")})
    env.update(more)
    return env


@pytest.fixture
def download(cli, hub, tmp_path):
    def call(*args, ok=True, **env):
        result = subprocess.run([str(cli), "download", *args], capture_output=True, text=True, env=environment(hub, tmp_path, **env), timeout=120)
        assert (result.returncode == 0) == ok, f"{result.returncode}\n{result.stdout}\n{result.stderr}"
        return result.stdout.strip() if ok else result.stderr

    return call


@pytest.fixture
def cache(tmp_path):
    return tmp_path / "home" / "hub" / "models--org--tiny"


def read(folder, name="model.safetensors"):
    with open(os.path.join(folder, name), "rb") as file:
        return file.read()


# -- layout -------------------------------------------------------------------------------------------------------------------
def test_layout_is_the_hubs(download, cache, hub):
    folder = download("org/tiny")
    commit = hub.repos["model", "org/tiny"].refs["main"]
    assert folder == str(cache / "snapshots" / commit)
    assert (cache / "refs" / "main").read_text() == commit
    names = {p.name for p in (cache / "snapshots" / commit).iterdir()}
    assert names == {"config.json", "model.safetensors", "tokenizer.json", "generation_config.json"}, "what training needs, and no more"
    assert os.readlink(os.path.join(folder, "model.safetensors")) == f"../../blobs/{sha256(BIG)}"
    assert os.readlink(os.path.join(folder, "config.json")) == f"../../blobs/{git_sha1(FILES['config.json'])}"
    assert (cache / ".no_exist" / commit / "chat_template.jinja").exists()
    assert (cache.parent / ".locks" / "models--org--tiny" / f"{sha256(BIG)}.lock").exists()
    assert (cache.parent / "CACHEDIR.TAG").exists()


def test_second_run_fetches_nothing(download, hub):
    download("org/tiny")
    before = hub.sent()
    download("org/tiny")
    assert hub.sent() == before


def test_include_exclude_and_everything(download, cache):
    folder = download("org/tiny", "--include", "*.json", "--exclude", "original/*")
    assert sorted(os.listdir(folder)) == ["config.json", "generation_config.json", "tokenizer.json"]
    assert not list((cache / "trees").glob("*")) if (cache / "trees").exists() else True
    folder = download("org/tiny", "--include", "*")
    assert read(folder, "original/params.json") == b"{}" and read(folder, "empty.txt") == b""
    assert os.readlink(os.path.join(folder, "original/params.json")).startswith("../../../blobs/")
    assert len(list((cache / "trees").glob("*.json"))) == 1


def test_revisions_branch_tag_commit(download, hub, cache):
    old = hub.repos["model", "org/tiny"].refs["main"]
    hub.add("model", "org/tiny", {**FILES, "config.json": b'{"v": 2}'}, revision="v2")
    hub.repos["model", "org/tiny"].refs["feature/x"] = hub.repos["model", "org/tiny"].refs["v2"]
    assert read(download("org/tiny", "--revision", "v2"), "config.json") == b'{"v": 2}'
    assert read(download("org/tiny", "--revision", "feature/x"), "config.json") == b'{"v": 2}'
    assert (cache / "refs" / "feature" / "x").exists()
    assert download("org/tiny", "--revision", old).endswith(old)
    assert "no such revision" in download("org/tiny", "--revision", "v3", ok=False)


def test_pages_of_the_listing(download, hub):
    hub.page_size = 2
    assert read(download("org/tiny", "--include", "*"), "tokenizer.json") == FILES["tokenizer.json"]


def test_token_does_not_follow_the_pages_to_another_host(download, hub):
    hub.page_size, hub.next_page = 2, hub.away_url + "/api/models/org/tiny/tree/main?recursive=true&cursor=2"
    download("org/tiny")  # the second port knows the repository too; the fixture checks for leaks
    assert any(r["away"] and "/tree/" in r["path"] for r in hub.log)


def test_pages_that_lead_in_a_circle(download, hub):
    hub.fault("/tree/", "status", code=200, body="[]", headers={"Link": "</api/models/org/tiny/tree/x?cursor=1>; rel=next"})
    assert "does not end" in download("org/tiny", ok=False)


def test_cache_places(download, hub, tmp_path):
    assert download("org/tiny", HF_HUB_CACHE=str(tmp_path / "a")).startswith(str(tmp_path / "a"))
    assert download("org/tiny", "--cache-dir", str(tmp_path / "b"), HF_HUB_CACHE=str(tmp_path / "a")).startswith(str(tmp_path / "b"))
    assert download("org/tiny", HF_HOME="", XDG_CACHE_HOME=str(tmp_path / "x")).startswith(str(tmp_path / "x/huggingface/hub"))


def test_without_links(download, cache):
    folder = download("org/tiny", HF_HUB_DISABLE_SYMLINKS="1")
    assert not os.path.islink(os.path.join(folder, "model.safetensors")) and read(folder) == BIG
    assert download("org/tiny", HF_HUB_OFFLINE="1") == folder


# -- offline ------------------------------------------------------------------------------------------------------------------
def test_offline_and_unreachable(download, hub, tmp_path):
    error = download("org/tiny", ok=False, HF_HUB_OFFLINE="1")
    assert "is not in the cache" in error and "HF_HUB_OFFLINE" in error
    folder = download("org/tiny")
    asked = len(hub.log)
    assert download("org/tiny", HF_HUB_OFFLINE="1") == folder and len(hub.log) == asked
    assert download("org/tiny", HF_ENDPOINT="http://127.0.0.1:9") == folder, "falls back to the cache"
    hub.fault("/api/", "status", code=503)
    assert download("org/tiny") == folder
    error = download("org/other", ok=False, HF_ENDPOINT="http://127.0.0.1:9")
    assert "cannot be reached" in error


def test_interrupted_download_is_not_taken_for_the_whole(download, hub):
    hub.fault("/cdn/", "status", code=404)
    download("org/tiny", ok=False)
    assert "is not in the cache" in download("org/tiny", ok=False, HF_HUB_OFFLINE="1")


# -- faults -------------------------------------------------------------------------------------------------------------------
def test_cuts_at_random_places_resume(download, hub):
    rng, cuts = random.Random(3), 60
    for _ in range(cuts):
        hub.fault("/cdn/", "cut", at=rng.randrange(66_000, 90_000), times=1)
    assert read(download("org/tiny")) == BIG
    assert hub.sent("/cdn/") <= 1.05 * len(BIG)
    assert sum(1 for r in hub.log if "/cdn/" in r["path"] and r["range"]) > 20


def test_cut_before_any_byte_gives_up_and_keeps_what_came(download, hub, cache):
    hub.fault("/cdn/", "cut", at=1_000_000, times=1)
    hub.fault("/cdn/", "cut", at=0)
    error = download("org/tiny", ok=False)
    assert "run it again to go on" in error and "model.safetensors" in error
    partial = cache / "blobs" / f"{sha256(BIG)}.incomplete"
    assert 900_000 < partial.stat().st_size <= 1_000_000
    hub.heal()
    before = hub.sent("/cdn/")
    assert read(download("org/tiny")) == BIG and not partial.exists()
    assert hub.sent("/cdn/") - before <= len(BIG) - 900_000


def test_small_files_resume_too(download, hub):
    hub.fault("/resolve/.*tokenizer.json", "cut", at=30, times=1, method="GET")
    assert read(download("org/tiny"), "tokenizer.json") == FILES["tokenizer.json"]


def test_server_without_ranges(download, hub):
    hub.fault("/cdn/", "cut", at=1_000_000, times=1)
    hub.fault("/cdn/", "norange")
    assert read(download("org/tiny")) == BIG


def test_wrong_content_is_fetched_once_more_then_refused(download, hub, cache):
    hub.fault("/cdn/", "corrupt", times=1)
    assert read(download("org/tiny")) == BIG


@pytest.mark.parametrize("path, name", [("/cdn/", "model.safetensors"), ("/resolve/.*config.json", "config.json")])
def test_wrong_hash(download, hub, cache, path, name):
    hub.fault(path, "corrupt")
    error = download("org/tiny", ok=False)
    assert "was announced but the content has" in error and name in error
    assert not list((cache / "blobs").glob("*.incomplete")), "a partial file of wrong content is removed"
    assert not (cache / "snapshots" / hub.repos["model", "org/tiny"].refs["main"] / name).exists()


def test_partial_file_of_other_content(download, hub, cache):
    (cache / "blobs").mkdir(parents=True)
    (cache / "blobs" / f"{sha256(BIG)}.incomplete").write_bytes(b"\0" * 2_000_000)
    assert read(download("org/tiny")) == BIG
    (cache / "blobs" / sha256(BIG)).unlink()
    (cache / "snapshots" / hub.repos["model", "org/tiny"].refs["main"] / "model.safetensors").unlink()
    (cache / "blobs" / f"{sha256(BIG)}.incomplete").write_bytes(BIG + b"more")
    assert read(download("org/tiny")) == BIG


@pytest.mark.parametrize("delta", [-1000, 1000])
def test_wrong_length(download, hub, cache, delta):
    hub.fault("/cdn/", "length", delta=delta)
    error = download("org/tiny", ok=False)
    assert f"{len(BIG)} bytes were announced but the server has {len(BIG) + delta}" in error


def test_endless_body(download, hub, cache):
    hub.fault("/cdn/", "endless")
    error = download("org/tiny", ok=False)
    assert f"more than the {len(BIG)} bytes" in error
    assert not list((cache / "blobs").glob("*.incomplete"))


def test_endless_listing_answer(download, hub):
    hub.fault("/tree/", "status", code=200, body="[" + "1," * 40_000_000)
    assert "too large" in download("org/tiny", ok=False)


def test_slow_server(download, hub):
    hub.fault("/cdn/", "slow", rate=1)
    start = time.monotonic()
    error = download("org/tiny", ok=False)
    assert "too slow" in error and time.monotonic() - start < 60


def test_429_waits_as_told(download, hub):
    hub.fault("/api/", "status", code=429, headers={"Retry-After": "1"}, times=1)
    hub.fault("/cdn/", "status", code=429, headers={"Retry-After": "1"}, times=1)
    start = time.monotonic()
    assert read(download("org/tiny")) == BIG
    assert time.monotonic() - start >= 2


def test_429_for_an_hour_is_an_error(download, hub):
    hub.fault("/api/", "status", code=429, headers={"Retry-After": "3600"})
    start = time.monotonic()
    error = download("org/tiny", ok=False)
    assert "too many requests" in error and "3600" in error and time.monotonic() - start < 20


@pytest.mark.parametrize("code", [500, 502, 503, 504, 408])
def test_server_errors_are_tried_again(download, hub, code):
    hub.fault(".", "status", code=code, times=4)
    assert read(download("org/tiny")) == BIG


def test_server_error_for_good(download, hub):
    hub.fault("/api/", "status", code=500)
    assert "HTTP 500" in download("org/tiny", ok=False)
    assert sum(1 for r in hub.log) == 5, "five tries"


def test_other_errors_are_not_tried_again(download, hub):
    hub.fault("/api/", "status", code=400)
    assert "HTTP 400" in download("org/tiny", ok=False)
    assert len(hub.log) == 1


def test_redirect_to_another_host_keeps_the_token_here(download, hub):
    hub.fault("/resolve/.*config.json", "away", method="GET")
    hub.fault("/api/", "away", times=1)
    assert read(download("org/tiny"), "config.json") == FILES["config.json"]
    assert any(r["away"] and "/api/" in r["path"] for r in hub.log)
    assert any(r["token"] for r in hub.log if not r["away"]) and not any(r["token"] for r in hub.log if r["away"])


def test_redirect_loop(download, hub):
    hub.fault("/api/", "status", code=302, headers={"Location": "/api/models/org/tiny/revision/main"})
    assert "redirects" in download("org/tiny", ok=False)


@pytest.mark.parametrize("target", ["http://example.invalid/x", "ftp://127.0.0.1/x", "file:///etc/passwd", "http://user:pw@127.0.0.1/x"])
def test_redirect_to_what_is_refused(download, hub, target):
    hub.fault("/cdn/", "status", code=302, headers={"Location": target})
    error = download("org/tiny", ok=False)
    assert "error[config]" in error and ("https" in error or "password" in error), error


def test_gated(download, hub):
    hub.repos["model", "org/tiny"].gated = True
    error = download("org/tiny", ok=False, HF_TOKEN="")
    assert "gated" in error and f"{hub.url}/org/tiny" in error and "HF_TOKEN" in error
    assert read(download("org/tiny")) == BIG, "with the token"


def test_private_missing_and_wrong_token(download, hub, tmp_path):
    hub.repos["model", "org/tiny"].private = True
    assert "does not exist or is private" in download("org/tiny", ok=False, HF_TOKEN="")
    hub.fault("/api/", "status", code=403)
    error = download("org/tiny", ok=False)
    assert "does not give access" in error and hub.token not in error
    hub.heal()
    (tmp_path / "home").mkdir(exist_ok=True)
    (tmp_path / "home" / "token").write_text(hub.token + "\n")
    assert read(download("org/tiny", HF_TOKEN="")) == BIG, "the token file"
    assert "was not found" in download("org/nothing", ok=False)


def test_contradicting_etag_commit_and_endpoint(download, hub):
    hub.fault("model.safetensors", "etag", value="0" * 64, times=1)
    assert "contradicts itself" in download("org/tiny", ok=False)
    hub.heal()
    hub.fault("/resolve/", "etag", value="../../evil")
    assert "cannot name a file" in download("org/tiny", ok=False)
    hub.heal()
    hub.fault("/resolve/", "commit", value="f" * 40)
    assert "HF_ENDPOINT" in download("org/tiny", ok=False)
    assert "error[config]" in download("org/tiny", ok=False, HF_ENDPOINT="http://hub.example")
    assert "https" in download("org/tiny", ok=False, HF_ENDPOINT="http://hub.example")


@pytest.mark.parametrize("name", ["../evil.json", "/etc/evil.json", "a/../../evil.json", "..\\evil.json", "C:/evil.json", "a\nb.json", "\x1b[2J.json", "a//b.json"])
def test_hostile_file_names(download, hub, tmp_path, name):
    repo = hub.repos["model", "org/tiny"]
    repo.tree = [{"type": "file", "path": name, "size": 2, "oid": git_sha1(b"{}")}]
    repo.commits[repo.refs["main"]][name] = b"{}"
    error = download("org/tiny", "--include", "*", ok=False)
    assert "error[format]: the hub names a file" in error and "\x1b" not in error
    assert not any(r["path"].endswith("evil.json") for r in hub.log)
    assert not list(tmp_path.rglob("*evil*"))


@pytest.mark.parametrize("tree", [{}, "x", [1], [{"type": "file", "path": 3}], [{"type": "file", "path": "a", "size": -1}], [{"type": "file", "path": "a", "oid": "xyz"}],
                                  [{"type": "file", "path": "a", "size": 1}] * 2,
                                  [{"type": "file", "path": "a", "size": 1}, {"type": "file", "path": "a/b", "size": 1}]])
def test_malformed_listing(download, hub, tree):
    hub.fault("/tree/", "status", code=200, body=__import__("json").dumps(tree))
    assert "error[format]" in download("org/tiny", ok=False)


def test_not_json(download, hub):
    hub.fault("/api/", "status", code=200, body="<html>captive portal</html>")
    assert "error[format]" in download("org/tiny", ok=False)


# -- processes ----------------------------------------------------------------------------------------------------------------
def test_killed_in_the_middle_then_resumed(download, cli, hub, tmp_path, cache):
    hub.fault("/cdn/", "slow", rate=500_000)
    process = subprocess.Popen([str(cli), "download", "org/tiny"], env=environment(hub, tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE)
    partial = cache / "blobs" / f"{sha256(BIG)}.incomplete"
    deadline = time.monotonic() + 30
    while not (partial.exists() and partial.stat().st_size >= 500_000):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGKILL)
    process.communicate()
    kept, before = partial.stat().st_size, hub.sent("/cdn/")
    hub.heal()
    assert read(download("org/tiny")) == BIG
    last = [r for r in hub.log if "/cdn/" in r["path"]][-1]
    assert last["range"] == f"bytes={kept}-" and last["sent"] == len(BIG) - kept


def test_interrupted_by_ctrl_c(cli, hub, tmp_path, cache, download):
    hub.fault("/cdn/", "slow", rate=500_000)
    # a shell's background jobs, and so a test run that is one, ignore Ctrl-C; a user's terminal does not
    listen = lambda: signal.signal(signal.SIGINT, signal.SIG_DFL)
    process = subprocess.Popen([str(cli), "download", "org/tiny"], env=environment(hub, tmp_path), stdout=subprocess.PIPE, stderr=subprocess.PIPE, preexec_fn=listen)
    partial = cache / "blobs" / f"{sha256(BIG)}.incomplete"
    deadline = time.monotonic() + 30
    while not (partial.exists() and partial.stat().st_size >= 500_000):
        assert time.monotonic() < deadline
        time.sleep(0.02)
    process.send_signal(signal.SIGINT)
    process.communicate(timeout=20)
    assert process.returncode in (130, -signal.SIGINT)
    hub.heal()
    assert partial.exists() and read(download("org/tiny")) == BIG


def test_two_processes_share_one_download(cli, hub, tmp_path):
    hub.fault("/cdn/", "slow", rate=1_000_000)
    env = environment(hub, tmp_path)
    processes = [subprocess.Popen([str(cli), "download", "org/tiny"], env=env, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) for _ in range(2)]
    folders = set()
    for process in processes:
        out, err = process.communicate(timeout=60)
        assert process.returncode == 0, err
        folders.add(out.strip())
    assert len(folders) == 1 and read(folders.pop()) == BIG
    assert hub.sent("/cdn/") == len(BIG), "the file came over the network once"


def with_faults(cli, hub, tmp_path, mode, at):
    """A download whose n-th call to the file system below the cache is its last, or finds the disk full."""
    shim = cli.parent / "liblf_fault_shim.so"
    if not shim.exists():
        pytest.skip("skipped: liblf_fault_shim.so is not built")
    env = environment(hub, tmp_path, LD_PRELOAD=str(shim), LF_FAULT_MODE=mode, LF_FAULT_ROOT=str(tmp_path / "home"), LF_FAULT_AT=str(at))
    (tmp_path / "home").mkdir(exist_ok=True)
    return subprocess.run([str(cli), "download", "org/tiny"], capture_output=True, text=True, env=env, timeout=60)


@pytest.mark.parametrize("mode", ["kill", "torn", "full"])
def test_fault_at_any_call_to_the_file_system(cli, hub, tmp_path, download, mode):
    for at in [1, 2, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 24, 28, 32, 36]:
        subprocess.run(["rm", "-rf", str(tmp_path / "home")], check=True)
        result = with_faults(cli, hub, tmp_path, mode, at)
        if mode == "full" and result.returncode != 0:
            assert "No space left" in result.stderr or "cannot be" in result.stderr, result.stderr
        if result.returncode != 0:
            assert "is not in the cache" in download("org/tiny", ok=False, HF_HUB_OFFLINE="1"), "half a snapshot is no snapshot"
        folder = download("org/tiny")
        for name in ("model.safetensors", "config.json", "tokenizer.json", "generation_config.json"):
            assert read(folder, name) == FILES[name], (mode, at, name)
        assert download("org/tiny", HF_HUB_OFFLINE="1") == folder


def test_proxy(download, hub):
    proxies = {"HTTP_PROXY": hub.url, "NO_PROXY": "", "HF_ENDPOINT": "http://localhost:9"}
    hub.repos["model", "org/tiny"].lfs.clear()
    assert read(download("org/tiny", **proxies)) == BIG
    assert all(r["path"].startswith("http://localhost:9/") for r in hub.log)
    assert "cannot be reached" in download("org/other", ok=False, **{**proxies, "NO_PROXY": "localhost"})


def test_certificates_are_verified(cli, tmp_path):
    x509 = pytest.importorskip("cryptography.x509")
    import datetime
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import ec
    key, name = ec.generate_private_key(ec.SECP256R1()), x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.timezone.utc)
    certificate = (x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key()).serial_number(1)
                   .not_valid_before(now - datetime.timedelta(days=1)).not_valid_after(now + datetime.timedelta(days=1))
                   .add_extension(x509.SubjectAlternativeName([x509.DNSName("localhost")]), False)
                   .add_extension(x509.BasicConstraints(ca=True, path_length=None), True).sign(key, hashes.SHA256()))
    files = tmp_path / "c.pem", tmp_path / "k.pem"
    files[0].write_bytes(certificate.public_bytes(serialization.Encoding.PEM))
    files[1].write_bytes(key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()))
    with FixtureHub(certificate=files) as hub:
        hub.add("model", "org/tiny", FILES, lfs=["model.safetensors"])
        call = lambda **env: subprocess.run([str(cli), "download", "org/tiny"], capture_output=True, text=True, env=environment(hub, tmp_path, **env), timeout=60)
        refused = call()
        assert refused.returncode != 0 and "certificate cannot be verified" in refused.stderr and not hub.log
        assert read(call(SSL_CERT_FILE=str(files[0])).stdout.strip()) == BIG and not hub.leaks


def test_full_disk_is_told_before(download, hub):
    repo = hub.repos["model", "org/tiny"]
    rows = repo.listing(repo.refs["main"])
    for row in rows:
        if row["path"] == "model.safetensors":
            row["size"] = row["lfs"]["size"] = 1 << 58
    repo.tree = rows
    error = download("org/tiny", ok=False)
    assert "are free" in error and "cache_dir" in error
    assert not any("/resolve/" in r["path"] for r in hub.log)


# -- ModelScope ---------------------------------------------------------------------------------------------------------------
def test_model_scope(download, hub, tmp_path):
    folder = download("org/tiny", USE_MODELSCOPE_HUB="1", MODELSCOPE_API_TOKEN="ms-token")
    assert folder == str(tmp_path / "ms" / "models" / "org--tiny" / "snapshots" / "master")
    assert read(folder) == BIG and sorted(os.listdir(folder)) == ["config.json", "generation_config.json", "model.safetensors", "tokenizer.json"]
    before = hub.sent()
    assert download("org/tiny", USE_MODELSCOPE_HUB="1") == folder and hub.sent() == before
    assert download("org/tiny", USE_MODELSCOPE_HUB="1", HF_HUB_OFFLINE="1") == folder
    assert download("org/tiny", USE_MODELSCOPE_HUB="1", MODELSCOPE_ENDPOINT="http://127.0.0.1:9") == folder
    hub.add("model", "org/tiny", {**FILES, "config.json": b'{"v": 3}'})
    assert read(download("org/tiny", USE_MODELSCOPE_HUB="1"), "config.json") == b'{"v": 3}', "branches move"


def test_model_scope_faults(download, hub, tmp_path):
    ms = {"USE_MODELSCOPE_HUB": "1", "MODELSCOPE_API_TOKEN": "ms-token"}
    hub.fault("/cdn/", "cut", at=1_000_000, times=2)
    assert read(download("org/tiny", **ms)) == BIG
    os.remove(tmp_path / "ms/models/org--tiny/snapshots/master/model.safetensors")
    hub.fault("/cdn/", "corrupt")
    assert "was announced but the content has" in download("org/tiny", ok=False, **ms)
    hub.heal()
    assert "was not found" in download("org/nothing", ok=False, **ms)
    hub.repos["model", "org/tiny"].tree = [{"type": "file", "path": "..\\evil", "size": 2, "oid": "", "sha256": sha256(b"{}")}]
    assert "the hub names a file" in download("org/tiny", ok=False, **ms)


def test_open_mind_is_refused_by_name(download):
    assert "Modelers" in download("org/tiny", ok=False, USE_OPENMIND_HUB="1")


@pytest.mark.parametrize("args", [[], ["a/b/c"], ["../x"], ["org/tiny", "--repo-type", "space"], ["org/tiny", "--what"], ["org/tiny", "other/x"], ["org/tiny", "--revision", "../x"]])
def test_bad_arguments(download, args):
    assert "error[config]" in download(*args, ok=False)
