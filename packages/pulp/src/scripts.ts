/**
 * The start logic that Pulp's images lack, in Python, mounted into the pods. Pure.
 *
 * The image only has to bring `python3` and Pulp's own entry points on its PATH. No value is built into a script.
 */

/** Where the scripts lie in a pod. */
export const scriptsFolder = "/opt/pulp-operator";

/** What our scripts say by their exit code. Others are those of the programs that they run. */
export const exitCodes = {
  databaseUnreachable: 75,
  databaseTooOld: 76,
  imageUnsuitable: 77,
  settingsRefused: 78,
  wrongKey: 79,
  pluginMissing: 80,
  pluginTooOld: 81,
} as const;

/** Part of two scripts: whether Pulp's own words are about its settings, and not about the database or its schema. */
const refusal = `
def refuses_settings(words):
    """Every command loads the settings first, so whatever goes wrong there is theirs unless the database is to blame."""
    about_settings = ("ImproperlyConfigured", "SystemCheckError", "ValidationError", "settings.py")
    about_database = ("OperationalError", "InterfaceError", "connection to server", "django/db/migrations")
    return any(word in words for word in about_settings) and not any(word in words for word in about_database)
`;

/**
 * Part of the migration: whether the image has what the database was made with. Of migrations that were applied long ago
 * a newer image may know nothing, but the last one of each plugin it must know; and objects of a plugin that is not there
 * make Pulp's own pages fail. A plugin that holds nothing may go.
 */
const pluginCheck = `
QUESTION = """
import json
from django.apps import apps
from django.db.migrations.loader import MigrationLoader
from pulpcore.app.apps import pulp_plugin_configs
plugins = {plugin.label: {"version": plugin.version, "migrations": []} for plugin in pulp_plugin_configs()}
for (app, name), migration in MigrationLoader(None, ignore_no_migrations=True).disk_migrations.items():
    if app in plugins:
        plugins[app]["migrations"] += [name] + [replaced for label, replaced in migration.replaces if label == app]
print("ANSWER " + json.dumps({"plugins": plugins, "apps": [app.label for app in apps.get_app_configs()]}))
"""


def kinds_of(app, connection):
    """Kinds of objects that the database holds of an application, such as repository."""
    tables = connection.execute(
        "select table_name from information_schema.columns where column_name = 'pulp_type'"
        " and table_schema = current_schema() and table_name like 'core\\\\_%' order by table_name"
    ).fetchall()
    return [
        table.removeprefix("core_")
        for (table,) in tables
        if connection.execute(f'select exists (select from "{table}" where starts_with(pulp_type, %s))', [app + "."]).fetchone()[0]
    ]


def refuse_unfit_plugins(connection, seconds):
    """Ends when the image lacks a plugin of which the database holds something, or has an older one."""
    _, words = run(["pulpcore-manager", "shell", "-c", QUESTION], seconds)
    answer = next((line for line in words.splitlines() if line.startswith(ANSWER)), None)
    if answer is None:
        # A release that cannot be asked so is no worse than before; settings that it refuses are told by what follows.
        print("the plugins of this image could not be compared with the database", file=sys.stderr)
        return
    known = json.loads(answer.removeprefix(ANSWER))
    # By number, as a squashed migration is recorded after all that it stands for.
    applied = connection.execute('select app, max(name collate "C") from django_migrations group by app order by app').fetchall()
    held = {app: kinds_of(app, connection) for app, _ in applied if app not in known["apps"]}
    lacking = [f'the database has {", ".join(kinds)} of plugin "{app}", which is not in the image' for app, kinds in held.items() if kinds]
    older = [
        f'plugin "{app}" {known["plugins"][app]["version"]} is older than what migrated the database to {name}'
        for app, name in applied
        if app in known["plugins"] and name not in known["plugins"][app]["migrations"]
    ]
    if lacking or older:
        print("; ".join(lacking + older), file=sys.stderr)
        sys.exit(${exitCodes.pluginMissing} if lacking else ${exitCodes.pluginTooOld})
`;

const waitForMigrations = `"""Waits until the database has the schema of this image. Arguments: seconds to wait at most, folders to make."""
import os
import subprocess
import sys
import time

${refusal}

deadline = time.monotonic() + float(sys.argv[1])
for folder in sys.argv[2:]:
    os.makedirs(folder, exist_ok=True)
while True:
    check = subprocess.run(["pulpcore-manager", "migrate", "--check"], stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
    if check.returncode == 0:
        break
    last = " | ".join(check.stdout.strip().splitlines()[-3:])
    if refuses_settings(check.stdout):
        print(last, file=sys.stderr)
        sys.exit(${exitCodes.settingsRefused})
    if time.monotonic() > deadline:
        print("the database is not migrated: " + last, file=sys.stderr)
        sys.exit(1)
    time.sleep(3)
`;

const migrate = `"""Waits for the database, migrates it within the given seconds, checks that the encryption key fits what is in it."""
import json
import os
import runpy
import shutil
import signal
import subprocess
import sys
import threading
import time

missing = [name for name in ("pulpcore-manager", "pulpcore-api", "pulpcore-content", "pulpcore-worker") if not shutil.which(name)]
if missing:
    print("no " + ", ".join(missing) + " on its PATH", file=sys.stderr)
    sys.exit(${exitCodes.imageUnsuitable})
try:
    import psycopg
except ImportError:
    # Pulp is installed beside the system's Python: go on with the interpreter that its own commands name.
    with open(shutil.which("pulpcore-manager"), encoding="utf-8") as command:
        interpreter = command.readline().removeprefix("#!").split()[0]
    if os.environ.get("INTERPRETER_FOUND"):
        print("no psycopg beside pulpcore-manager", file=sys.stderr)
        sys.exit(${exitCodes.imageUnsuitable})
    os.execve(interpreter, [interpreter, *sys.argv], {**os.environ, "INTERPRETER_FOUND": "1"})

${refusal}

def plain(value):
    """Takes off the guard that keeps Dynaconf from reading a marker inside a text."""
    if isinstance(value, str) and value.startswith("@json "):
        return json.loads(value[6:])
    return value[5:] if isinstance(value, str) and value.startswith("@str ") else value


# Begins a line that is for this script and not for the log.
ANSWER = "ANSWER "


def run(arguments, seconds):
    """Runs a command within the given seconds and shows what it writes but for answers. Returns its exit code and its words."""
    words = []
    with subprocess.Popen(arguments, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True) as process:
        limit = threading.Timer(seconds, process.kill)
        limit.start()
        for line in process.stdout:
            if not line.startswith(ANSWER):
                print(line, end="", flush=True)
            words.append(line)
        limit.cancel()
    return process.returncode, "".join(words)

${pluginCheck}

database = runpy.run_path(os.environ["PULP_SETTINGS"])["DATABASES"]["default"]
place = f"{plain(database['HOST'])}:{database['PORT']}/{plain(database['NAME'])}"
# Pulp's own checks refuse settings that name a folder which is not there.
for folder in sys.argv[2:]:
    os.makedirs(folder, exist_ok=True)
deadline = time.monotonic() + 30
while True:
    try:
        connection = psycopg.connect(
            host=plain(database["HOST"]),
            port=database["PORT"],
            dbname=plain(database["NAME"]),
            user=plain(database["USER"]),
            password=plain(database["PASSWORD"]),
            connect_timeout=5,
            # No transaction stays open while Pulp is asked: servers may end one that idles.
            autocommit=True,
            **{name: plain(value) for name, value in database["OPTIONS"].items()},
        )
        break
    except psycopg.OperationalError as error:
        if time.monotonic() > deadline:
            print(f"database {place} cannot be used: {' '.join(str(error).split())}", file=sys.stderr)
            sys.exit(${exitCodes.databaseUnreachable})
        time.sleep(2)
limit = float(sys.argv[1])
with connection:
    version = connection.info.server_version
    if version < 140000:
        print(f"database {place} is PostgreSQL {version // 10000}, Pulp needs 14 or later", file=sys.stderr)
        sys.exit(${exitCodes.databaseTooOld})
    migrated = connection.execute("select to_regclass('django_migrations')").fetchone()[0] is not None
    if migrated:
        refuse_unfit_plugins(connection, min(limit, 300))
connection.close()
code, words = run(["pulpcore-manager", "migrate", "--noinput"], limit)
if code == -signal.SIGKILL:
    print(f"the migration was ended after {limit:.0f} seconds (spec.upgrade.migrationDeadlineSeconds) or for lack of memory", file=sys.stderr)
    sys.exit(1)
if code != 0:
    sys.exit(${exitCodes.settingsRefused} if refuses_settings(words) else 1)
if migrated:
    code, words = run(["pulpcore-manager", "rotate-db-key", "--dry-run"], limit)
    if code != 0 and "OperationalError" in words:
        sys.exit(${exitCodes.databaseUnreachable})
    if code != 0:
        print(f"restore the key with which database {place} was made", file=sys.stderr)
        sys.exit(${exitCodes.wrongKey})
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
