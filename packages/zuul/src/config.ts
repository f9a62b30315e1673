/**
 * Step 3: resource and values to config files, cut into what each pod uses. The only step that opens sealed values.
 * Leaves objects to `synth.ts`. Pure.
 */
import { type Notice, remembering } from "@zuul-pulp/k8s-core/model";
import { contentHash, open, type ResolvedRefs, Sealed } from "@zuul-pulp/secret-ref";
import { type CloudFiles, cloudFiles } from "./clouds.ts";
import type { Daemon } from "./daemons.ts";
import type { LiveLauncher } from "./leaving.ts";
import { loggingFile } from "./logging.ts";
import { databasePasswordReference, nodeKeyReference } from "./names.ts";
import { type NodepoolConfig, renderNodepool } from "./nodepool.ts";
import { ownSections } from "./own-sections.ts";
import type { Zuul } from "./parse.ts";
import { files } from "./paths.ts";
import { reconfigureScript } from "./reconfigure-script.ts";
import { ensembleSecrets } from "./references.ts";
import { runnerScript } from "./runner-script.ts";
import { checkTenants } from "./tenants.ts";
import { type DaemonConf, type PodFiles, renderZuulConf } from "./zuul-conf.ts";

/** A Secret that pods mount as it is, and a hash that rolls them when it changes. */
export interface HashedSecret {
  readonly secretName: string;
  readonly hash: string;
}

export interface ZuulConfig {
  readonly daemons: Readonly<Record<Daemon, PodFiles>>;
  readonly nodepool: NodepoolConfig;
  readonly clouds: CloudFiles;
  /** Secret with `ca.crt`, `tls.crt` and `tls.key` for ZooKeeper. */
  readonly zooKeeperClient: string;
  /** Name and hash of the servers' certificate; absent when the ensemble is somebody else's. */
  readonly zooKeeperServer?: HashedSecret;
  /** Name and hash of the password of the operator's own database. */
  readonly database?: HashedSecret;
  /** File of the logging configuration, when the user has one. */
  readonly loggingFile?: string;
  readonly notices: readonly Notice[];
}

/**
 * @throws Blocked `InvalidSecret`: a value that its file cannot hold
 * @throws Blocked `InvalidTenantConfig`, `InvalidNodepoolConfig`: what Zuul or Nodepool would refuse at load
 */
export const renderZuul = remembering(
  (zuul: Zuul, refs: ResolvedRefs, launchers: readonly LiveLauncher[] = []): ZuulConfig => {
    const tenants = open(refs.file("scheduler.config"));
    checkTenants(
      tenants,
      zuul.connections,
      `key "${refs.keyOf("scheduler.config")}" of ${refs.secretNameOf("scheduler.config")} (spec.scheduler.config)`,
    );
    const sections = [
      ...ownSections(zuul, refs),
      ...zuul.sections,
      ...zuul.connections.map(({ section }) => section),
    ];
    const conf = renderZuulConf(sections, refs);
    const clouds = cloudFiles(zuul, refs);
    const logging = loggingFile(zuul, refs);
    const nodepool = renderNodepool(zuul, refs, clouds, launchers);
    const withLogging = (pod: PodFiles): PodFiles =>
      logging === undefined ? pod : withFile(pod, logging, refs.file("logging.config"));
    return {
      daemons: {
        scheduler: withLogging(schedulerFiles(conf.scheduler, tenants)),
        executor: withLogging(executorFiles(zuul, withRunner(conf.executor), refs)),
        merger: withLogging(withRunner(conf.merger)),
        web: withLogging(conf.web),
        fingergw: withLogging(conf.fingergw),
      },
      nodepool,
      clouds,
      ...zooKeeperFiles(zuul, refs),
      ...(zuul.database.kind === "single" ? { database: hashed(refs, databasePasswordReference) } : {}),
      ...(logging === undefined ? {} : { loggingFile: logging }),
      notices: [...zuul.notices, ...refs.notices],
    };
  },
);

/** A file that is read at start only: a change of it rolls the pods. */
function withFile({ entries, hash }: PodFiles, key: string, content: string | Sealed): PodFiles {
  return {
    entries: new Map([...entries, [key, content]]),
    hash: contentHash([
      ["", hash],
      [key, content],
    ]),
  };
}

function withRunner(conf: DaemonConf): PodFiles {
  return withFile(conf, files.runner, runnerScript);
}

/** Tenant file and live options change the mark that the side container watches, and nothing in the pod template. */
function schedulerFiles(conf: DaemonConf, tenants: string): PodFiles {
  const mark = contentHash([
    ["live", conf.liveHash],
    [files.tenants, Sealed.of(tenants)],
  ]);
  const { entries, hash } = withFile(conf, files.reconfigure, reconfigureScript);
  return {
    entries: new Map([...entries, [files.tenants, Sealed.of(tenants)], [files.reconfigureOn, `${mark}\n`]]),
    hash,
  };
}

/**
 * The key for nodes is read again for each build, and site variables by Ansible for each playbook, so a change of them
 * restarts nothing.
 */
function executorFiles({ spec }: Zuul, { entries, hash }: PodFiles, refs: ResolvedRefs): PodFiles {
  const key = refs.generated(nodeKeyReference).get("sshkey");
  if (key === undefined) throw new TypeError("The key for nodes was not resolved");
  const variables: readonly (readonly [string, Sealed])[] =
    spec.executor.variables === undefined ? [] : [[files.variables, refs.file("executor.variables")]];
  return { entries: new Map([...entries, ...variables, [files.nodeKey, key]]), hash };
}

/** Clients read their certificate again at each connect; servers do not see kubelet swap a file, and are rolled. */
function zooKeeperFiles(
  zuul: Zuul,
  refs: ResolvedRefs,
): Pick<ZuulConfig, "zooKeeperClient" | "zooKeeperServer"> {
  if (zuul.zookeeper.kind === "external") return { zooKeeperClient: zuul.zookeeper.tlsSecret };
  const { client, server } = ensembleSecrets(zuul);
  return { zooKeeperClient: client.secretName, zooKeeperServer: hashed(refs, server.id) };
}

function hashed(refs: ResolvedRefs, id: string): HashedSecret {
  return { secretName: refs.secretNameOf(id), hash: contentHash(refs.generated(id)) };
}
