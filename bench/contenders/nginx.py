"""nginx as a plain reverse proxy with kept upstream connections: what a gateway that does nothing costs."""

import os
import shutil
import subprocess
from collections.abc import Sequence
from pathlib import Path

from bench.contenders.base import Contender, LeftOut
from bench.places import RUN

CONFIGURATION = """
daemon off;
{user}
worker_processes 1;
worker_rlimit_nofile 16384;
pid {folder}/nginx.pid;
error_log {folder}/error.log;
events {{ worker_connections 8192; }}
http {{
    access_log off;
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    keepalive_requests 1000000000;
    tcp_nodelay on;
    upstream model_server {{
        server 127.0.0.1:{upstream};
        keepalive 1024;
        keepalive_requests 1000000000;
    }}
    server {{
        listen 127.0.0.1:{port} backlog=4096;
        location / {{
            proxy_pass http://model_server;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_buffering off;
        }}
    }}
}}
"""


class Nginx(Contender):
    name = "nginx"
    title = "nginx"

    def prepare(self) -> None:
        self.binary()

    def binary(self) -> str:
        found = shutil.which("nginx", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin:/opt/homebrew/bin")
        if found is None:
            raise LeftOut("nginx is not installed (Debian: apt-get install nginx-light; macOS: brew install nginx)")
        return found

    def version(self) -> str:
        said = subprocess.run([self.binary(), "-v"], capture_output=True, text=True, check=True).stderr
        return said.strip().rpartition("/")[2]

    def command(self, port: int) -> Sequence[str | Path]:
        folder = RUN / "nginx"
        folder.mkdir(parents=True, exist_ok=True)
        user = "user root;" if os.geteuid() == 0 else ""
        file = folder / "nginx.conf"
        file.write_text(CONFIGURATION.format(folder=folder, port=port, upstream=self.setting.port, user=user))
        return [self.binary(), "-p", folder, "-e", folder / "error.log", "-c", file]
