/**
 * The start logic that Pulp's images lack, in Python, mounted into the pods. Pure.
 *
 * The image only has to bring `python3` and Pulp's own entry points on its PATH. No value is built into a script.
 */

/** Where the scripts lie in a pod. */
export const scriptsFolder = "/opt/pulp-operator";

/** Exit code of the migration when the database does not answer: not counted as a failure of the migration. */
export const databaseUnreachable = 75;
/** Exit code when trying again cannot help: the server is too old, or the encryption key does not fit. */
export const hopeless = 76;

const waitForMigrations = `"""Waits until the database has the schema of this image. Arguments: seconds to wait at most, folders to make."""
import os
import subprocess
import sys
import time

deadline = time.monotonic() + float(sys.argv[1])
for folder in sys.argv[2:]:
    os.makedirs(folder, exist_ok=True)
while True:
    check = subprocess.run(["pulpcore-manager", "migrate", "--check"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check.returncode == 0:
        break
    if time.monotonic() > deadline:
        print("the database is not migrated: " + " | ".join(check.stdout.strip().splitlines()[-3:]), file=sys.stderr)
        sys.exit(1)
    time.sleep(3)
`;

const migrate = `"""Waits for the database, migrates it within the given seconds, checks that the encryption key fits what is in it."""
import json
import os
import runpy
import shutil
import subprocess
import sys
import time

try:
    import psycopg
except ImportError:
    # Pulp is installed beside the system's Python: go on with the interpreter that its own commands name.
    with open(shutil.which("pulpcore-manager"), encoding="utf-8") as command:
        interpreter = command.readline().removeprefix("#!").split()[0]
    if os.environ.get("INTERPRETER_FOUND"):
        sys.exit("psycopg is missing beside pulpcore-manager")
    os.execve(interpreter, [interpreter, *sys.argv], {**os.environ, "INTERPRETER_FOUND": "1"})


def plain(value):
    """Takes off the guard that keeps Dynaconf from reading a marker inside a text."""
    if isinstance(value, str) and value.startswith("@json "):
        return json.loads(value[6:])
    return value[5:] if isinstance(value, str) and value.startswith("@str ") else value


database = runpy.run_path(os.environ["PULP_SETTINGS"])["DATABASES"]["default"]
place = f"{plain(database['HOST'])}:{database['PORT']}/{plain(database['NAME'])}"
# Pulp's own checks refuse settings that name a folder which is not there.
for folder in sys.argv[2:]:
    os.makedirs(folder, exist_ok=True)
deadline = time.monotonic() + 60
while True:
    try:
        connection = psycopg.connect(
            host=plain(database["HOST"]),
            port=database["PORT"],
            dbname=plain(database["NAME"]),
            user=plain(database["USER"]),
            password=plain(database["PASSWORD"]),
            connect_timeout=5,
            **{name: plain(value) for name, value in database["OPTIONS"].items()},
        )
        break
    except psycopg.OperationalError as error:
        if time.monotonic() > deadline:
            print(f"database {place} cannot be used: {' '.join(str(error).split())}", file=sys.stderr)
            sys.exit(${databaseUnreachable})
        time.sleep(2)
with connection:
    version = connection.info.server_version
    migrated = connection.execute("select to_regclass('django_migrations')").fetchone()[0] is not None
connection.close()
if version < 140000:
    print(f"database {place} is PostgreSQL {version // 10000}, Pulp needs 14 or later", file=sys.stderr)
    sys.exit(${hopeless})
try:
    done = subprocess.run(["pulpcore-manager", "migrate", "--noinput"], timeout=float(sys.argv[1]))
except subprocess.TimeoutExpired:
    print(f"the migration took longer than {sys.argv[1]} seconds (spec.upgrade.migrationDeadlineSeconds)", file=sys.stderr)
    sys.exit(1)
if done.returncode != 0:
    sys.exit(1)
if migrated:
    fits = subprocess.run(["pulpcore-manager", "rotate-db-key", "--dry-run"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if fits.returncode != 0:
        print(" | ".join(fits.stdout.strip().splitlines()[-3:]), file=sys.stderr)
        print(f"the field encryption key does not fit database {place}: restore the key that it was made with", file=sys.stderr)
        sys.exit(${hopeless})
`;

const setPassword = `"""Sets the password of user admin from a mounted file, through standard input."""
import os
import subprocess
import sys

for folder in sys.argv[2:]:
    os.makedirs(folder, exist_ok=True)
with open(sys.argv[1], encoding="utf-8", newline="") as file:
    password = file.read()
password = password.removesuffix("\\n").removesuffix("\\r")
if not password or "\\n" in password:
    print("the password is not one line", file=sys.stderr)
    sys.exit(1)
sys.exit(subprocess.run(["pulpcore-manager", "reset-admin-password"], input=f"{password}\\n{password}\\n", text=True).returncode)
`;

export const scripts: Readonly<Record<string, string>> = {
  "migrate.py": migrate,
  "set-password.py": setPassword,
  "wait-for-migrations.py": waitForMigrations,
};
