/** One cache pod with a password: Valkey or Redis, whichever the image has. It keeps nothing across a restart. Pure. */
import { Construct } from "constructs";
import { backingUsers } from "./backing-images.ts";
import { filesPath, passwordPath } from "./backing-service.ts";
import type { OwnFolder } from "./server-rules.ts";
import { memoryFolder, SingleServer, type SingleServerProps } from "./single-server.ts";

export interface CacheSingleProps extends SingleServerProps {
  /** Default 128. The least recently used entries go first. */
  readonly maxMemoryMiB?: number | undefined;
}

/** Where its pod mounts something itself. */
export const cacheFolders: readonly OwnFolder[] = [
  { path: filesPath },
  { path: passwordPath },
  { path: "/run/cache" },
];

/** Deployment of one, Service `<name>` on port 6379. */
export class CacheSingle extends Construct {
  constructor(scope: Construct, id: string, props: CacheSingleProps) {
    super(scope, id);
    const { maxMemoryMiB = 128 } = props;
    new SingleServer(this, "single", props, {
      program: "cache",
      port: { name: "cache", port: 6379 },
      user: backingUsers.cache,
      files: cacheFiles(maxMemoryMiB),
      folders: [memoryFolder("/run/cache", "run", "1Mi")],
      resources: { requests: { cpu: "10m", memory: `${maxMemoryMiB / 2}Mi` } },
      startup: { periodSeconds: 1, failureThreshold: 60 },
      timeoutSeconds: 3,
      livenessFailures: 3,
    });
  }
}

function cacheFiles(maxMemoryMiB: number): Record<string, string> {
  const conf = `bind * -::*
port 6379
dir /tmp
save ""
appendonly no
maxmemory ${maxMemoryMiB}mb
maxmemory-policy allkeys-lru
`;
  return { "cache.conf": conf, "start.sh": start, "probe.sh": probe };
}

/** The password goes through a file in memory: arguments are for all to see. */
const start = `set -eu
umask 077
secret="$(cat /var/run/password/password)"
[ -n "$secret" ] || { echo "the password is empty" >&2; exit 1; }
case "$secret" in
  *"
"*) echo "the password has more than one line" >&2; exit 1 ;;
esac
quoted="$(printf '%s' "$secret" | sed -e 's/\\\\/\\\\\\\\/g' -e 's/"/\\\\"/g')"
printf 'include ${filesPath}/cache.conf\\nrequirepass "%s"\\n' "$quoted" > /run/cache/cache.conf
printf '%s' "$secret" > /run/cache/password
server="$(command -v valkey-server || command -v redis-server)"
exec "$server" /run/cache/cache.conf
`;

const probe = `client="$(command -v valkey-cli || command -v redis-cli)"
REDISCLI_AUTH="$(cat /run/cache/password)"
export REDISCLI_AUTH VALKEYCLI_AUTH="$REDISCLI_AUTH"
answer="$("$client" -h 127.0.0.1 -p 6379 ping 2>&1)"
[ "$answer" = PONG ] && exit 0
echo "$answer" >&2
exit 1
`;
