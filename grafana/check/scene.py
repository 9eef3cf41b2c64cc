#!/usr/bin/env python3
"""A bad day in small, for the dashboards to show: locks on loopback that break and mend by the clock,
a monitor that knocks every two seconds, and a Prometheus that scrapes it every second.

    grafana/check/scene.py target/release/authvigil

It says where its Prometheus is, and stays until it is interrupted; then grafana/check/draw/run draws
what was seen. It needs `prometheus` and `openssl`, and writes to a temporary directory only.
"""

import base64
import json
import pathlib
import signal
import socket
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

RULES = pathlib.Path(__file__).resolve().parents[2] / "deploy/prometheus/rules"
START = time.monotonic()
HOLDER = "Basic " + base64.b64encode(b"reader:s3cret").decode()
ENDPOINTS = {
    "orders": ("reader", "payments"), "shop": ("reader", "shop"), "invoices": ("billing", "payments"),
    "ledger": ("ledger.eu", "payments"), "reports": ("reader", "data"), "gateway": ("reader", "platform"),
    "partner.api.v2": ("reader", "shop"), "customer-master-data": ("reader", "data"), "search": ("reader", "shop"),
    "catalog": ("reader", "shop"), "wiki": ("reader", ""), "camera": ("reader", "platform"), "exports": ("export-key", "data"),
    "portal": ("reader", "platform"),
}  # fmt: skip


def bad(every, lasting, start):
    """Whether it is in the bad part of each round, in seconds since the start."""
    since = time.monotonic() - START - start
    return since > 0 and since % every < lasting


def jwt(days):
    parts = {"alg": "HS256"}, {"sub": "export", "exp": int(time.time() + days * 86400)}
    encoded = [base64.urlsafe_b64encode(json.dumps(part).encode()).rstrip(b"=").decode() for part in parts]
    return ".".join([*encoded, "c2ln"])


class Lock(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    export_key = jwt(9)

    def log_message(self, *_):
        pass

    def answer(self, status, *challenges, body=b"{}"):
        self.send_response(status)
        for challenge in challenges:
            self.send_header("WWW-Authenticate", challenge)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def do_POST(self):
        self.rfile.read(int(self.headers.get("Content-Length") or 0))
        if self.path == "/token-ledger" and bad(240, 90, 60):
            return self.answer(503)
        return self.answer(200, body=b'{"access_token": "t0ken", "token_type": "Bearer", "expires_in": 20}')

    def do_GET(self):
        name = self.path.strip("/")
        shown = self.headers.get("Authorization")
        if name == "search" and bad(220, 80, 100):
            return time.sleep(10)
        if name == "wiki" and bad(180, 50, 40):
            return self.answer(503)
        if name == "catalog" and bad(10**6, 10**6, 30):
            return self.answer(404)
        if name == "reports" and bad(10**6, 10**6, 200) or name == "gateway" and bad(200, 35, 90):
            return self.answer(200)
        wanted = {"invoices": "Bearer t0ken", "ledger": "Bearer t0ken", "exports": f"Bearer {self.export_key}"}.get(name, HOLDER)
        if shown == wanted and not (name == "partner.api.v2" and bad(260, 90, 120)):
            return self.answer(200)
        if name == "customer-master-data" and bad(300, 200, 80):
            return self.answer(401)
        if name == "camera" and bad(280, 120, 150):
            return self.answer(401, 'Bearer realm="camera"', "Negotiate")
        return self.answer(401, f'{wanted.split()[0]} realm="{name}"')


def serve(place=None):
    """Locks on a port of their own; with a certificate that ends in five days where there is a place for it."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Lock)
    server.daemon_threads = True
    if place:
        named = ["-subj", "/CN=portal", "-addext", "subjectAltName=IP:127.0.0.1", "-addext", "basicConstraints=critical,CA:FALSE"]
        keys = ["-newkey", "rsa:2048", "-nodes", "-keyout", "portal.key", "-out", "portal.pem", "-days", "5"]
        subprocess.run(["openssl", "req", "-x509", *keys, *named], cwd=place, check=True, capture_output=True)
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(place / "portal.pem", place / "portal.key")
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return f"{'https' if place else 'http'}://127.0.0.1:{server.server_port}"


def watched(name, credential, team, locks):
    endpoint = {"name": name, "url": f"{locks}/{name}", "credential": credential}
    if team:
        endpoint["labels"] = {"team": team}
    if name == "camera":
        endpoint["challenge"] = "Basic"
    if name == "portal":
        endpoint["tls_config"] = {"ca_file": "portal.pem"}
    return endpoint


def configuration(locks, portal, web):
    tokens = {name: {"token_url": f"{locks}/token-{name.split('.')[0]}", "client_id": "watch", "client_secret_file": "secret"} for name in ("billing", "ledger.eu")}
    endpoints = [
        watched(name, credential, team, portal if name == "portal" else locks)
        for name, (credential, team) in ENDPOINTS.items()
    ]
    # JSON is YAML.
    return json.dumps({
        "global": {"interval": "2s", "refused_interval": "2s", "timeout": "1500ms"},
        "web": {"listen": web},
        "state": {"path": "state/authvigil.db"},
        "credentials": {
            "reader": {"basic_auth": {"username": "reader", "password_file": "secret"}},
            "export-key": {"authorization": {"type": "Bearer", "credentials_file": "export-key"}},
            **{name: {"oauth2": it} for name, it in tokens.items()},
        },
        "alerting": {"receivers": [{"name": "oncall", "file": {"directory": "mail"}}], "route": {"receiver": "oncall"}},
        "endpoints": endpoints,
    })  # fmt: skip


def scraping(web):
    # The label `endpoint` is what the Prometheus Operator puts on targets.
    relabelled = [{"target_label": "endpoint", "replacement": "web"}, {"target_label": "instance", "replacement": "monitor.example.com"}]
    job = {"job_name": "authvigil", "honor_labels": True, "static_configs": [{"targets": [web]}], "relabel_configs": relabelled}
    return json.dumps({
        "global": {"scrape_interval": "1s", "evaluation_interval": "5s"},
        "rule_files": [f"{RULES}/*.yml"],
        "scrape_configs": [job],
    })  # fmt: skip


def free_address():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return f"127.0.0.1:{found.getsockname()[1]}"


def main():
    authvigil = pathlib.Path(sys.argv[1]).resolve()
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    web, prometheus = free_address(), free_address()
    with tempfile.TemporaryDirectory() as directory:
        place = pathlib.Path(directory)
        for name in ("state", "mail"):
            (place / name).mkdir()
        files = {
            "secret": "s3cret", "export-key": Lock.export_key, "prometheus.yml": scraping(web),
            "authvigil.yaml": configuration(serve(), serve(place), web),
        }  # fmt: skip
        for name, text in files.items():
            (place / name).write_text(text)
            (place / name).chmod(0o600)
        commands = (
            [authvigil, "run", "--config", "authvigil.yaml", "--log-level", "error"],
            ["prometheus", "--config.file=prometheus.yml", "--storage.tsdb.path=data", "--log.level=error", f"--web.listen-address={prometheus}"],
        )
        running = [subprocess.Popen(command, cwd=place) for command in commands]
        print(f"http://{prometheus}", flush=True)
        try:
            while all(it.poll() is None for it in running):
                time.sleep(1)
        except KeyboardInterrupt:
            pass
        for it in running:
            it.terminate()
        for it in running:
            it.wait()


if __name__ == "__main__":
    main()
