/** Configuration and scripts of the single MariaDB. Pure. */
import { filesPath } from "./backing-service.ts";

export function mariaDbFiles(): Record<string, string> {
  return { "server.cnf": serverCnf, "start.sh": start, "probe.sh": probe };
}

/** Small on purpose: build history of one Zuul. Data lies in a sub-folder, as the volume's root may have `lost+found`. */
const serverCnf = `[mariadbd]
datadir=/var/lib/mysql/data
socket=/run/mysqld/mysqld.sock
pid-file=/run/mysqld/mysqld.pid
init-file=/run/mysqld/init.sql
tmpdir=/tmp
bind-address=*
port=3306
skip-name-resolve
character-set-server=utf8mb4
collation-server=utf8mb4_unicode_ci
innodb-buffer-pool-size=64M
innodb-log-file-size=48M
max-connections=200
max-allowed-packet=64M
performance-schema=OFF
`;

/**
 * Nobody can log in as root: the server runs `init.sql` itself at each start, which makes database and user when
 * they are not there and sets the password that is mounted now. One statement a line, as the server demands.
 * A first start that was cut off leaves `data.new`, never a half-made `data`.
 */
const start = `set -eu
umask 077
PATH="$PATH:/usr/local/sbin:/usr/sbin"
data=/var/lib/mysql/data
secret="$(cat /var/run/password/password)"
[ -n "$secret" ] || { echo "the password is empty" >&2; exit 1; }
case "$secret" in
  *"
"*) echo "the password has more than one line" >&2; exit 1 ;;
esac

if [ ! -d "$data" ]; then
  rm -rf "$data.new"
  mariadb-install-db --no-defaults --datadir="$data.new" --skip-test-db --auth-root-authentication-method=socket \\
    --auth-root-socket-user=mysql --innodb-log-file-size=48M > /tmp/install.log 2>&1 || { cat /tmp/install.log >&2; exit 1; }
  mv "$data.new" "$data"
fi

quoted="$(printf '%s' "$secret" | sed -e 's/\\\\/\\\\\\\\/g' -e "s/'/\\\\\\\\'/g")"
cat > /run/mysqld/init.sql <<SQL
CREATE DATABASE IF NOT EXISTS \\\`$DATABASE\\\` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci;
CREATE USER IF NOT EXISTS '$DATABASE_USER'@'%' IDENTIFIED BY '$quoted';
ALTER USER '$DATABASE_USER'@'%' IDENTIFIED BY '$quoted';
GRANT ALL PRIVILEGES ON \\\`$DATABASE\\\`.* TO '$DATABASE_USER'@'%';
SQL

option="$(printf '%s' "$secret" | sed -e 's/\\\\/\\\\\\\\/g' -e 's/"/\\\\"/g')"
cat > /run/mysqld/client.cnf <<CNF
[client]
protocol=tcp
host=127.0.0.1
port=3306
user=$DATABASE_USER
password="$option"
skip-ssl
CNF

exec mariadbd --defaults-file=${filesPath}/server.cnf
`;

/** Logs in as the application does, over TCP, with the password that the start script wrote for it. */
const probe = `exec mariadb --defaults-file=/run/mysqld/client.cnf --connect-timeout=3 --batch --silent \\
  --execute='SELECT 1' "$DATABASE" > /dev/null
`;
