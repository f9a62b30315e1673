/** The options that the operator sets itself: backing services, ports, paths, credentials of its own. Pure. */
import { mariaDbUri } from "@zuul-pulp/constructs";
import { Blocked } from "@zuul-pulp/k8s-core/model";
import { open, type ResolvedRefs, Sealed } from "@zuul-pulp/secret-ref";
import { type Daemon, daemons } from "./daemons.ts";
import { loggingFile } from "./logging.ts";
import { databasePasswordReference, databaseReference, keystoreReference, nameOf } from "./names.ts";
import type { ConfOption } from "./options.ts";
import type { Zuul } from "./parse.ts";
import { files, paths, ports } from "./paths.ts";
import { zooKeeperHostsOf } from "./zookeeper-hosts.ts";
import type { SealedOption, UncutSection } from "./zuul-conf.ts";

export const databaseName = "zuul";
export const databaseUser = "zuul";

/** Before the user's sections in the file; those may add options to the same sections. */
export function ownSections(zuul: Zuul, refs: ResolvedRefs): readonly UncutSection[] {
  return [
    { name: "zookeeper", options: zooKeeper(zuul) },
    { name: "keystore", options: [keystore(refs)] },
    { name: "database", options: [database(zuul, refs)] },
    ...daemons.map((daemon) => ({ name: daemon, options: serviceOptions(zuul, daemon) })),
    { name: "web", options: [set("root", zuul.root, "scheduler", "web")] },
    ...logConfig(loggingFile(zuul, refs)),
  ];
}

const set = (name: string, text: string | number, ...readers: readonly Daemon[]): ConfOption => ({
  name,
  value: { kind: "text", text: String(text) },
  readers,
});

function zooKeeper(zuul: Zuul): readonly ConfOption[] {
  const { session_timeout } = zuul.spec.zookeeper;
  return [
    set("hosts", zooKeeperHostsOf(zuul), ...daemons),
    set("tls_cert", `${paths.zookeeper}/tls.crt`, ...daemons),
    set("tls_key", `${paths.zookeeper}/tls.key`, ...daemons),
    set("tls_ca", `${paths.zookeeper}/ca.crt`, ...daemons),
    ...(session_timeout === undefined ? [] : [set("session_timeout", session_timeout, ...daemons)]),
  ];
}

function keystore(refs: ResolvedRefs): SealedOption {
  const origin = `the keystore password of Secret "${refs.secretNameOf(keystoreReference)}" (spec.keystore)`;
  return {
    name: "password",
    sealed: refs.text(keystoreReference),
    origin,
    readers: ["executor", "scheduler", "web"],
  };
}

function database(zuul: Zuul, refs: ResolvedRefs): SealedOption {
  const readers = ["scheduler", "web"] as const;
  if (zuul.database.kind === "external") {
    const sealed = refs.text(databaseReference);
    const origin = `key "${refs.keyOf(databaseReference)}" of Secret "${refs.secretNameOf(databaseReference)}" (spec.database)`;
    checkDialect(open(sealed), origin);
    return { name: "dburi", sealed, origin, readers };
  }
  const password = open(refs.text(databasePasswordReference));
  if (password.includes("\n"))
    throw new Blocked(
      "InvalidSecret",
      `Cannot use key "password" of Secret "${refs.secretNameOf(databasePasswordReference)}": it has several lines, the database takes one`,
    );
  const uri = mariaDbUri({
    name: nameOf(zuul, "database"),
    namespace: zuul.namespace,
    database: databaseName,
    user: databaseUser,
    password,
  });
  return { name: "dburi", sealed: Sealed.of(uri), origin: "the URL of the operator's database", readers };
}

const dialects = ["mysql+pymysql", "mariadb+pymysql", "postgresql", "postgresql+psycopg2"];

/** Other names of the same databases fail in Zuul with a missing Python module, which says little. */
function checkDialect(uri: string, origin: string): void {
  const scheme = /^([a-z0-9+]+):\/\/./.exec(uri)?.[1];
  if (scheme !== undefined && dialects.includes(scheme)) return;
  throw new Blocked(
    "InvalidSecret",
    `Cannot use ${origin}: it must be a URL that begins with ${dialects.map((dialect) => `${dialect}://`).join(" or ")}`,
  );
}

function serviceOptions({ spec, jobVolumes, name, namespace }: Zuul, daemon: Daemon): readonly ConfOption[] {
  const own = (option: string, text: string | number): ConfOption => set(option, text, daemon);
  const metrics = own("prometheus_port", spec[daemon].prometheus_port);
  switch (daemon) {
    case "scheduler":
      return [own("tenant_config", `${paths.zuul}/${files.tenants}`), metrics];
    case "executor":
      return [
        own("private_key_file", `${paths.zuul}/${files.nodeKey}`),
        ...(spec.executor.variables === undefined
          ? []
          : [own("variables", `${paths.zuul}/${files.variables}`)]),
        ...[...jobVolumes.paths].map(([option, listed]) => own(option, listed.join(":"))),
        metrics,
      ];
    case "web":
      // Zuul's default is the loopback address, where no Service reaches it.
      return [own("listen_address", "0.0.0.0"), own("port", ports.web), metrics];
    case "fingergw":
      return [
        own("port", ports.finger),
        own("public_port", ports.fingerPublic),
        ...(spec.fingergw.zone !== undefined && spec.fingergw.hostname === undefined
          ? [own("hostname", `${nameOf({ name }, "fingergw")}.${namespace}.svc`)]
          : []),
        metrics,
      ];
    case "merger":
      return [metrics];
    default:
      return daemon satisfies never;
  }
}

function logConfig(file: string | undefined): readonly UncutSection[] {
  if (file === undefined) return [];
  return daemons.map((daemon) => ({
    name: daemon,
    options: [set("log_config", `${paths.zuul}/${file}`, daemon)],
  }));
}
