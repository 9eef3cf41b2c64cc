"""The Blackbox exporter, and a client that makes it probe."""

import http.client
import json
import queue
import sys
import threading
import urllib.parse

CLIENTS = 32
NOBODY = {"username": "authvigil-nobody-00000000", "password": "authvigil-nobody"}


class Blackbox:
    """Debian's `prometheus-blackbox-exporter`, asked for the same probes as authvigil."""

    def __init__(self, site, password, challenge, server_name, port):
        self.site = site
        self.port = port
        reader = {"username": "reader", "password": password}
        refused = {
            "valid_status_codes": [401],
            "fail_if_header_not_matches": [{"header": "WWW-Authenticate", "regexp": challenge}],
        }
        shared = {
            "preferred_ip_protocol": "ip4",
            "no_follow_redirects": True,
            "tls_config": {"ca_file": str(site.authority), "server_name": server_name},
        }
        http_modules = {
            "anonymous": refused,
            "invalid": {**refused, "basic_auth": NOBODY},
            "valid": {"valid_status_codes": [200], "basic_auth": reader},
        }
        modules = {
            name: {"prober": "http", "timeout": "10s", "http": {**shared, **module}}
            for name, module in http_modules.items()
        }
        self.modules = list(modules)
        self.config = site.directory / "blackbox.yaml"
        self.config.write_text(json.dumps({"modules": modules}))

    def command(self):
        return [
            "prometheus-blackbox-exporter",
            f"--config.file={self.config}",
            f"--web.listen-address=127.0.0.1:{self.port}",
            "--log.level=error",
        ]

    def probe_all(self, scheme):
        """Asks for every probe of every endpoint, some at once; every probe has to succeed."""
        work = queue.SimpleQueue()
        for url in self.site.urls(scheme):
            for module in self.modules:
                query = urllib.parse.urlencode({"target": url, "module": module})
                work.put(f"/probe?{query}")
        failures = queue.SimpleQueue()
        clients = [
            threading.Thread(target=self.client, args=(work, failures), daemon=True)
            for _ in range(CLIENTS)
        ]
        for client in clients:
            client.start()
        for client in clients:
            client.join()
        if not failures.empty():
            sys.exit(f"load: blackbox failed: {failures.get()}, and {failures.qsize()} more")

    def client(self, work, failures):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=15)
        try:
            while True:
                path = work.get_nowait()
                connection.request("GET", path)
                if b"\nprobe_success 1\n" not in connection.getresponse().read():
                    failures.put(path)
        except queue.Empty:
            connection.close()
        except (OSError, http.client.HTTPException) as error:
            failures.put(repr(error))
