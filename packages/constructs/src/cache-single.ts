/** One cache pod with a password: Valkey or Redis, whichever the image has. It keeps nothing across a restart. Pure. */
import { Construct } from "constructs";
import { backingSecurity, backingUsers } from "./backing-images.ts";
import {
  type BackingServiceProps,
  filesHash,
  filesMount,
  filesName,
  filesPath,
  passwordMount,
  type SecretKey,
} from "./backing-service.ts";
import { ConfigFiles } from "./config-files.ts";
import type { Container } from "./container.ts";
import { NetworkRules } from "./network-rules.ts";
import { ServiceObject } from "./service-object.ts";
import { Workload } from "./workload.ts";

export interface CacheSingleProps extends BackingServiceProps {
  readonly passwordSecret: SecretKey;
  /** Default 128. The least recently used entries go first. */
  readonly maxMemoryMiB?: number | undefined;
  /** Hash of the password, so that a changed one starts the pod again. */
  readonly configHash?: string | undefined;
}

/** Deployment of one, Service `<name>` on port 6379. */
export class CacheSingle extends Construct {
  constructor(scope: Construct, id: string, props: CacheSingleProps) {
    super(scope, id);
    const { name, member, maxMemoryMiB = 128 } = props;
    const files = cacheFiles(maxMemoryMiB);
    new ConfigFiles(this, "files", { name: filesName(name), member, files });
    new ServiceObject(this, "service", { name, member, ports: [{ name: "cache", port: 6379 }] });
    new NetworkRules(this, "rules", {
      name,
      member,
      ingress: [{ from: props.clients ?? "namespace", ports: [{ port: 6379 }] }],
    });
    new Workload(this, "server", {
      kind: "Deployment",
      name,
      member,
      replicas: 1,
      strategy: "Recreate",
      configHash: filesHash(files, props.configHash),
      pod: {
        containers: [container(props, maxMemoryMiB)],
        security: props.security ?? backingSecurity(backingUsers.cache),
        overrides: props.pod,
        imagePullSecrets: props.imagePullSecrets,
      },
    });
  }
}

function container({ name, image, passwordSecret }: CacheSingleProps, maxMemoryMiB: number): Container {
  const probe = ["sh", `${filesPath}/probe.sh`];
  return {
    name: "cache",
    image,
    command: ["sh", `${filesPath}/start.sh`],
    ports: [{ name: "cache", port: 6379 }],
    probes: {
      startup: { exec: probe, periodSeconds: 1, timeoutSeconds: 3, failureThreshold: 60 },
      readiness: { exec: probe, periodSeconds: 10, timeoutSeconds: 3, failureThreshold: 3 },
      liveness: { tcp: { port: "cache" }, periodSeconds: 20, timeoutSeconds: 3, failureThreshold: 3 },
    },
    mounts: [
      filesMount(name),
      passwordMount(passwordSecret),
      { path: "/run/cache", from: { kind: "emptyDir", name: "run", medium: "Memory", sizeLimit: "1Mi" } },
    ],
    resources: { requests: { cpu: "10m", memory: `${maxMemoryMiB / 2}Mi` } },
  };
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
