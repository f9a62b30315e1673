/**
 * The program of the scheduler's side container: it tells Zuul to take up a changed tenant file.
 *
 * Restarting a scheduler does not do that, and we have no right to exec into pods. The watched mark lies in the same
 * volume as tenant file and zuul.conf, and kubelet swaps a volume as a whole: who sees the new mark, sees the new
 * files. Only the first pod acts; the others follow through ZooKeeper. It acts again after each start of the
 * scheduler, because a change may have come in between; one that finds nothing new changes nothing. Pure.
 * @see zuul/lib/commandsocket.py of Zuul 14.3.0: a line per command, no answer
 */
export const reconfigureScript = `\
"""Writes smart-reconfigure to the scheduler's command socket whenever the mounted mark changes."""
import os
import signal
import socket
import sys
import time
import urllib.error
import urllib.request

MARK, SOCKET, READY, PAUSE = sys.argv[1], sys.argv[2], sys.argv[3], float(sys.argv[4])


def seen():
    """The mark, and which start of the scheduler would be told."""
    status = os.stat(SOCKET)
    with open(MARK, encoding="utf-8") as mark:
        return mark.read(), status.st_ino, status.st_ctime_ns


def is_ready():
    """All tenants are loaded: before that the scheduler reads the new file anyway or not at all."""
    try:
        with urllib.request.urlopen(READY, timeout=5) as answer:
            return answer.status == 200
    except (OSError, urllib.error.URLError):
        return False


def tell():
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as client:
        client.settimeout(10)
        client.connect(SOCKET)
        client.sendall(b"smart-reconfigure\\n")


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    if not socket.gethostname().endswith("-0"):
        while True:
            signal.pause()
    done = said = None
    while True:
        try:
            now = seen()
            if now != done and is_ready():
                tell()
                done = now
                print("smart-reconfigure sent for", now[0].strip(), flush=True)
        except OSError as error:
            if str(error) != said:
                said = str(error)
                print("waiting:", said, flush=True)
        time.sleep(PAUSE)


main()
`;
