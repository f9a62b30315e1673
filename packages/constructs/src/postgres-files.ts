/** Configuration and scripts of the single PostgreSQL. Pure. */
import { filesPath } from "./backing-service.ts";

export interface PostgresFilesProps {
  readonly maxConnections: number;
}

export function postgresFiles({ maxConnections }: PostgresFilesProps): Record<string, string> {
  return {
    "server.conf": serverConf(maxConnections),
    "pg_hba.conf": hba,
    "start.sh": start,
    "probe.sh": probe,
  };
}

/** Stands for the data folder's `postgresql.conf`. Statements stay out of the log, as one of them sets the password. */
function serverConf(maxConnections: number): string {
  return `listen_addresses = '*'
port = 5432
unix_socket_directories = '/run/postgresql'
unix_socket_permissions = 0700
hba_file = '${filesPath}/pg_hba.conf'
max_connections = ${maxConnections}
shared_buffers = 64MB
dynamic_shared_memory_type = posix
password_encryption = 'scram-sha-256'
log_min_error_statement = panic
log_destination = 'stderr'
logging_collector = off
`;
}

/** The socket lies in a folder that only the server's own user can enter. */
const hba = `local all all trust
host all all all scram-sha-256
`;

/**
 * Everything that needs the superuser happens before the server listens, in single-user mode: making role and
 * database at first, and setting the mounted password at each start. A first start that was cut off leaves
 * `pgdata.new`, never a half-made `pgdata`. The SQL reaches the server through a file, not through arguments.
 */
const start = `set -eu
umask 077
for folder in /usr/lib/postgresql/*/bin; do
  if [ -d "$folder" ]; then PATH="$PATH:$folder"; fi
done
data=/var/lib/postgresql/data/pgdata
work=/run/postgresql
secret="$(cat /var/run/password/password)"
[ -n "$secret" ] || { echo "the password is empty" >&2; exit 1; }
case "$secret" in
  *"
"*) echo "the password has more than one line" >&2; exit 1 ;;
esac

# Not in a pipe: the server takes a stale lock file with the number of its parent for its own.
single() {
  postgres --single -j -D "$1" -c config_file=${filesPath}/server.conf postgres \\
    < "$work/input.sql" > "$work/output" 2>&1 || { cat "$work/output" >&2; exit 1; }
  rm -f "$work/input.sql"
  if grep -E '(ERROR|FATAL|PANIC):' "$work/output" >&2; then exit 1; fi
  rm -f "$work/output"
}

if [ ! -s "$data/PG_VERSION" ]; then
  if [ -d "$data" ]; then echo "$data exists but is no database" >&2; exit 1; fi
  rm -rf "$data.new"
  initdb --pgdata="$data.new" --username=postgres --encoding=UTF8 --locale=C.UTF-8 --auth-local=trust \\
    --auth-host=scram-sha-256 > /tmp/initdb.log 2>&1 || { cat /tmp/initdb.log >&2; exit 1; }
  printf '%s\\n\\n%s\\n\\n%s\\n\\n' \\
    "CREATE ROLE \\"$DATABASE_USER\\" LOGIN;" \\
    "CREATE DATABASE \\"$DATABASE\\" OWNER \\"$DATABASE_USER\\";" \\
    "REVOKE CONNECT ON DATABASE \\"$DATABASE\\" FROM PUBLIC;" > "$work/input.sql"
  single "$data.new"
  mv "$data.new" "$data"
fi

quoted="$(printf '%s' "$secret" | sed -e "s/'/''/g")"
printf '%s\\n\\n' "ALTER ROLE \\"$DATABASE_USER\\" PASSWORD '$quoted';" > "$work/input.sql"
single "$data"

exec postgres -D "$data" -c config_file=${filesPath}/server.conf
`;

const probe = `for folder in /usr/lib/postgresql/*/bin; do
  if [ -d "$folder" ]; then PATH="$PATH:$folder"; fi
done
exec pg_isready --quiet --host=127.0.0.1 --port=5432 --username="$DATABASE_USER" --dbname="$DATABASE" --timeout=3
`;
