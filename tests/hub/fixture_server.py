"""A hub on the loopback interface that speaks the APIs of Hugging Face and ModelScope well enough for their Python clients, and
misbehaves on command.

    with FixtureHub() as hub:
        hub.add("model", "org/tiny", {"config.json": b"{}", "model.safetensors": big}, lfs=["model.safetensors"])
        hub.fault(r"/cdn/", "cut", at=1000, times=3)

Large files (lfs) are served by a redirect to a second port, which stands for another host: any Authorization or Cookie that
arrives there is kept in `hub.leaks`. Faults apply to requests whose path matches, `times` times (None: always):

    cut at=N            the connection breaks after N bytes of the body (of this answer)
    corrupt             the first byte of the body is another one
    status code=N, headers={...}
    slow rate=N         N bytes a second
    length delta=N      Content-Length is off by N
    endless             the body does not end, and has no Content-Length
    norange             Range is ignored
    away                redirect to the second port, which answers itself
    etag value=S        another ETag and X-Linked-Etag
    commit value=S      another X-Repo-Commit

Run alone: python3 fixture_server.py FOLDER serves every FOLDER/{models,datasets}/<owner>/<name>; POST /__fault takes faults as JSON.
"""
import contextlib, hashlib, http.server, json, pathlib, re, socket, ssl, sys, threading, time, urllib.parse


def git_sha1(data):
    return hashlib.sha1(b"blob %d\0" % len(data) + data).hexdigest()


def sha256(data):
    return hashlib.sha256(data).hexdigest()


class Repo:
    def __init__(self, kind, name):
        self.kind, self.name = kind, name
        self.commits, self.refs, self.lfs = {}, {}, set()
        self.gated = self.private = False
        self.tree = None  # replaces the listing (hostile names)

    def commit(self, files, revision="main"):
        sha = hashlib.sha1(json.dumps([(k, sha256(v)) for k, v in sorted(files.items())] + [revision]).encode()).hexdigest()
        self.commits[sha] = dict(files)
        self.refs[revision] = sha
        return sha

    def resolve(self, revision):
        revision = self.refs.get(revision, revision)
        return revision if revision in self.commits else None

    def etag(self, path, data):
        return sha256(data) if path in self.lfs else git_sha1(data)

    def listing(self, sha):
        if self.tree is not None:
            return self.tree
        rows = []
        for path, data in sorted(self.commits[sha].items()):
            row = {"type": "file", "path": path, "size": len(data), "oid": git_sha1(data)}
            if path in self.lfs:
                row["lfs"] = {"oid": sha256(data), "size": len(data), "pointerSize": 134}
                row["oid"] = git_sha1(b"version https://git-lfs.github.com/spec/v1\n" + data[:8])
            rows.append(row)
        folders = sorted({p.rsplit("/", 1)[0] for p in self.commits[sha] if "/" in p})
        return [{"type": "directory", "path": f, "size": 0, "oid": "0" * 40} for f in folders] + rows


class Fault:
    def __init__(self, pattern, kind, times=None, method=None, **options):
        self.pattern, self.kind, self.times, self.method, self.options = re.compile(pattern), kind, times, method, options

    def take(self, method, path):
        if self.times == 0 or not self.pattern.search(path) or (self.method and self.method != method):
            return False
        if self.times is not None:
            self.times -= 1
        return True


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    hub, away = None, False

    def log_message(self, *_):
        pass

    def do_HEAD(self):
        self.handle_request()

    def do_GET(self):
        self.handle_request()

    def do_POST(self):
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        if self.path == "/__fault":
            self.hub.fault(**json.loads(body))
            return self.reply(200, b"{}")
        self.handle_request(body)

    def handle_request(self, body=b""):
        self.request_body = body
        self.started = False
        address = urllib.parse.urlsplit(self.path)
        path, query = urllib.parse.unquote(address.path), urllib.parse.parse_qs(address.query)
        if address.path.count("%2F"):  # revisions keep their slashes quoted
            path = "/".join(urllib.parse.unquote(part).replace("/", "\0") for part in address.path.split("/"))
        with self.hub.lock:
            self.faults = []
            for fault in self.hub.faults:  # one of each kind
                if all(f.kind != fault.kind for f in self.faults) and fault.take(self.command, self.path):
                    self.faults.append(fault)
            self.record = {"method": self.command, "path": self.path, "away": self.away, "sent": 0, "range": self.headers.get("Range"),
                           "token": self.headers.get("Authorization")}
            self.hub.log.append(self.record)
            if self.away and (self.headers.get("Authorization") or self.headers.get("Cookie")):
                self.hub.leaks.append(self.path)
        with contextlib.suppress(BrokenPipeError, ConnectionResetError):
            self.route(path, query)

    def option(self, kind):
        return next((f.options for f in self.faults if f.kind == kind), None)

    # -- answers ---------------------------------------------------------------------------------------------------------------
    def reply(self, status, body=b"", headers=None, content_length=None):
        self.send_response(status)
        for key, value in (headers or {}).items():
            self.send_header(key, value)
        self.send_header("Content-Length", str(len(body) if content_length is None else content_length))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def reply_json(self, value, headers=None):
        self.reply(200, json.dumps(value).encode(), {"Content-Type": "application/json", **(headers or {})})

    def fail(self, status, code="", message=""):
        headers = {"X-Error-Code": code} if code else {}
        if message:
            headers["X-Error-Message"] = message
        self.reply(status, json.dumps({"error": message or code, "Code": status, "Message": message or code, "Success": False}).encode(), headers)

    def content(self, data, headers):
        """A file, with Range and all faults of bodies."""
        if self.option("corrupt") is not None:
            data = bytes([data[0] ^ 255]) + data[1:]
        start, status = 0, 200
        match = re.fullmatch(r"bytes=(\d+)-(\d*)", self.headers.get("Range") or "")
        if match and self.option("norange") is None:
            start = int(match[1])
            end = int(match[2]) if match[2] else len(data) - 1
            if start >= len(data):
                return self.reply(416, b"", {"Content-Range": f"bytes */{len(data)}"})
            status, headers = 206, {**headers, "Content-Range": f"bytes {start}-{end}/{len(data)}"}
            data = data[start:end + 1]
        self.send_response(status)
        for key, value in headers.items():
            self.send_header(key, value)
        self.send_header("Accept-Ranges", "bytes")
        endless = self.option("endless") is not None
        if endless:
            self.send_header("Connection", "close")
            self.close_connection = True
        else:
            self.send_header("Content-Length", str(len(data) + (self.option("length") or {}).get("delta", 0)))
        self.end_headers()
        if self.command == "HEAD":
            return
        cut, slow = self.option("cut"), self.option("slow")
        if cut:
            data = data[:cut["at"]]
        piece = slow["rate"] if slow else 1 << 16
        for at in range(0, len(data), piece):
            self.wfile.write(data[at:at + piece])
            self.record["sent"] += len(data[at:at + piece])
            if slow:
                self.wfile.flush()
                time.sleep(1)
        while endless:
            self.wfile.write(b"x" * (1 << 16))
        if cut or self.option("length"):
            self.wfile.flush()
            with contextlib.suppress(OSError):
                self.connection.shutdown(socket.SHUT_RDWR)
            self.close_connection = True

    # -- routes ----------------------------------------------------------------------------------------------------------------
    def route(self, path, query):
        if (bad := self.option("status")) is not None:
            return self.reply(bad["code"], bad.get("body", "").encode(), bad.get("headers"))
        if self.option("away") is not None and not self.away:
            return self.reply(302, b"", {"Location": self.hub.away_url + self.path})
        parts = path.strip("/").split("/")
        if parts[0] == "cdn":
            data = self.hub.blobs.get(parts[1])
            return self.content(data, {"ETag": f'"{hashlib.md5(data).hexdigest()}"'}) if data is not None else self.fail(404)
        if parts[:2] == ["api", "v1"]:
            return self.model_scope(parts[2:], query)
        if parts[0] == "api" and len(parts) > 2:
            return self.hf_api(parts[1].rstrip("s"), parts[2:], query)
        kind = "model"
        if parts[0] == "datasets":
            kind, parts = "dataset", parts[1:]
        if "resolve" in parts:
            at = parts.index("resolve")
            return self.hf_resolve(kind, "/".join(parts[:at]), parts[at + 1].replace("\0", "/"), "/".join(parts[at + 2:]))
        self.fail(404)

    def allowed(self, repo):
        """False (and answered) when the repository is not there for this caller."""
        token = self.headers.get("Authorization") == f"Bearer {self.hub.token}"
        if repo is None or (repo.private and not token):
            self.fail(401 if not token else 404, "RepoNotFound", "Repository not found")
            return False
        if repo.gated and not token:
            self.fail(401, "GatedRepo", f"Access to {repo.kind} {repo.name} is restricted.")
            return False
        return True

    def hf_api(self, kind, parts, query):
        for length in (2, 1):
            repo = self.hub.repos.get((kind, "/".join(parts[:length])))
            if repo:
                break
        rest = parts[length:] if repo else []
        gated = repo is not None and repo.gated
        if repo is None or repo.private:
            if not self.allowed(repo):
                return
        revision = rest[1].replace("\0", "/") if len(rest) > 1 else "main"
        sha = repo.resolve(revision)
        if sha is None:
            return self.fail(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        if rest[:1] in ([], ["revision"]):
            names = [row["path"] for row in repo.listing(sha) if row["type"] == "file"]
            return self.reply_json({"_id": "1", "id": repo.name, "modelId": repo.name, "sha": sha, "private": repo.private, "gated": "auto" if gated else False,
                                    "tags": [], "downloads": 0, "likes": 0, "disabled": False, "siblings": [{"rfilename": n} for n in names]})
        if rest[0] == "tree":
            if gated and not self.allowed(repo):
                return
            rows = repo.listing(sha)
            below = "/".join(rest[2:]).replace("\0", "/")
            if below:
                rows = [r for r in rows if r["path"].startswith(below + "/")]
                if not rows:
                    return self.fail(404, "EntryNotFound", f"{below} does not exist")
            if query.get("recursive", ["false"])[0].lower() != "true":
                rows = [r for r in rows if "/" not in r["path"][len(below) + 1 if below else 0:]]
            start = int(query.get("cursor", ["0"])[0])
            page, headers = rows[start:start + self.hub.page_size], {}
            if start + self.hub.page_size < len(rows):
                recursive = query.get("recursive", ["false"])[0]
                target = f"{self.hub.url}{self.path.split('?')[0]}?recursive={recursive}&cursor={start + self.hub.page_size}"
                headers = {"Link": f'<{self.hub.next_page or target}>; rel="next"'}
                self.hub.next_page = None
            return self.reply_json(page, headers)
        if rest[0] == "paths-info":
            wanted = urllib.parse.parse_qs(self.request_body.decode()).get("paths") or []
            with contextlib.suppress(ValueError):
                wanted = json.loads(self.request_body)["paths"]
            return self.reply_json([row for row in repo.listing(sha) if row["path"] in wanted])
        self.fail(404)

    def hf_resolve(self, kind, name, revision, path):
        repo = self.hub.repos.get((kind, name))
        if not self.allowed(repo):
            return
        sha = repo.resolve(revision)
        if sha is None:
            return self.fail(404, "RevisionNotFound", f"Invalid rev id: {revision}")
        commit = (self.option("commit") or {}).get("value", sha)
        data = repo.commits[sha].get(path)
        if data is None:
            return self.reply(404, b"Entry not found", {"X-Error-Code": "EntryNotFound", "X-Error-Message": "Entry not found", "X-Repo-Commit": commit})
        etag = (self.option("etag") or {}).get("value", repo.etag(path, data))
        headers = {"X-Repo-Commit": commit, "ETag": f'"{etag}"'}
        if path in repo.lfs:
            self.hub.blobs[sha256(data)] = data
            headers.update({"X-Linked-Etag": f'"{etag}"', "X-Linked-Size": str(len(data)), "ETag": '"redirect"',
                            "Location": f"{self.hub.away_url}/cdn/{sha256(data)}?signature=secret&file={urllib.parse.quote(path)}"})
            return self.reply(302, b"", headers)
        self.content(data, headers)

    def model_scope(self, parts, query):
        if parts == ["repos", "internalAccelerationInfo"]:
            return self.reply_json({"Code": 200, "Data": {}, "Success": True})
        repo = self.hub.repos.get((parts[0].rstrip("s"), "/".join(parts[1:3]))) if len(parts) > 2 else None
        if repo is None or (repo.private and self.headers.get("Authorization") != f"Bearer {self.hub.token}"):
            return self.fail(404, message="record not found")
        sha = repo.resolve(query.get("Revision", ["master"])[0].replace("master", "main"))
        rest = parts[3:]
        if not rest:
            return self.reply_json({"Code": 200, "Data": {"Name": repo.name}, "Success": True})
        if sha is None:
            return self.fail(404, message="revision not found")
        if rest[:2] in (["repo", "files"], ["repo", "tree"]):
            rows = [{"Path": r["path"], "Name": r["path"].split("/")[-1], "Type": "tree" if r["type"] == "directory" else "blob", "Size": r["size"],
                     "Revision": sha, "Sha256": "" if r["type"] == "directory" else r.get("sha256") or sha256(repo.commits[sha].get(r["path"], b""))}
                    for r in repo.listing(sha)]
            if rest[1] == "tree":
                size, page = int(query.get("PageSize", ["200"])[0]), int(query.get("PageNumber", ["1"])[0])
                rows = rows[(page - 1) * size:page * size]
            return self.reply_json({"Code": 200, "Data": {"Files": rows}, "Success": True})
        if rest == ["repo"]:
            path = query["FilePath"][0]
            data = repo.commits[sha].get(path)
            if data is None:
                return self.fail(404, message="file not found")
            if path in repo.lfs:
                self.hub.blobs[sha256(data)] = data
                return self.reply(302, b"", {"Location": f"{self.hub.away_url}/cdn/{sha256(data)}?Expires=1&Signature=secret"})
            return self.content(data, {"ETag": f'"{sha256(data)}"'})
        self.fail(404)


class FixtureHub:
    token = "hf_fixturetoken"

    def __init__(self, certificate=None):
        """certificate: (certificate file, key file) to speak https as the host `localhost`."""
        self.lock = threading.Lock()
        self.repos, self.blobs, self.faults, self.log, self.leaks = {}, {}, [], [], []
        self.page_size, self.next_page = 1000, None
        self.servers = []
        for away in (False, True):
            server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), type("H", (Handler,), {"hub": self, "away": away}))
            server.daemon_threads = True
            if certificate:
                context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
                context.load_cert_chain(*certificate)
                server.socket = context.wrap_socket(server.socket, server_side=True)
            self.servers.append(server)
        scheme, host = ("https", "localhost") if certificate else ("http", "127.0.0.1")
        self.url = f"{scheme}://{host}:{self.servers[0].server_port}"
        self.away_url = f"{scheme}://localhost:{self.servers[1].server_port}"  # Python: another name is another host, another port is not

    def __enter__(self):
        for server in self.servers:
            threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
        return self

    def __exit__(self, *_):
        for server in self.servers:
            server.shutdown()
            server.server_close()

    def add(self, kind, name, files, lfs=(), revision="main"):
        repo = self.repos.setdefault((kind, name), Repo(kind, name))
        repo.lfs.update(lfs)
        repo.commit(files, revision)
        return repo

    def fault(self, pattern, kind, **options):
        with self.lock:
            self.faults.append(Fault(pattern, kind, **options))

    def heal(self):
        with self.lock:
            self.faults.clear()

    def sent(self, pattern=""):
        """Body bytes of files sent to requests whose path matches."""
        return sum(r["sent"] for r in self.log if re.search(pattern, r["path"]))


def main():
    hub = FixtureHub()
    root = pathlib.Path(sys.argv[1])
    for kind in ("model", "dataset"):
        for folder in root.glob(f"{kind}s/*/*"):
            files = {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}
            hub.add(kind, folder.relative_to(root / f"{kind}s").as_posix(), files, [n for n in files if n.endswith((".safetensors", ".parquet"))])
    with hub:
        print(f"HF_ENDPOINT={hub.url} MODELSCOPE_ENDPOINT={hub.url} (files: {hub.away_url})", flush=True)
        threading.Event().wait()


if __name__ == "__main__":
    main()
