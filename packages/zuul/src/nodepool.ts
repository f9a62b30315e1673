/**
 * Nodepool's files: nodepool.yaml cut to one provider for each launcher, whole for builders, and secure.conf.
 * The connection to ZooKeeper, the status port and the builders' folders are ours in all of them. Pure.
 * @see Nodepool 11.0.0 reference, "Configuration"
 */
import {
  drainingShard,
  type NodepoolParts,
  renderSecureFile,
  shardNodepool,
  unknownImages,
} from "@zuul-pulp/config-sharder";
import { given } from "@zuul-pulp/constructs";
import { Blocked } from "@zuul-pulp/k8s-core/model";
import { contentHash, open, type ResolvedRefs, Sealed } from "@zuul-pulp/secret-ref";
import type { CloudFiles } from "./clouds.ts";
import { drainedScript, launcherReference, type LiveLauncher } from "./leaving.ts";
import { loggingFile } from "./logging.ts";
import type { Zuul } from "./parse.ts";
import { files, paths, ports } from "./paths.ts";
import { secureEnvId } from "./references.ts";
import { zooKeeperHostsOf, zooKeeperServers } from "./zookeeper-hosts.ts";
import type { PodFiles } from "./zuul-conf.ts";

export interface LauncherShard {
  /** Stable identity, a DNS label. */
  readonly id: string;
  readonly provider: string;
  readonly files: PodFiles;
  /** The provider has left the file; with the image that its launcher runs. */
  readonly leaving?: { readonly image?: string };
}

export interface NodepoolConfig {
  /** Ordered by id. */
  readonly launchers: readonly LauncherShard[];
  readonly builder?: PodFiles;
}

type Files = readonly (readonly [string, Sealed])[];

/** @throws Blocked `InvalidNodepoolConfig`: everything that runs stays as it is, also the other providers */
export function renderNodepool(
  zuul: Zuul,
  refs: ResolvedRefs,
  clouds: CloudFiles,
  launchers: readonly LiveLauncher[],
): NodepoolConfig {
  const { launcher, builder } = zuul.spec;
  const logging = loggingEntry(zuul, refs);
  const staying = launcher === undefined ? [] : partsOf(zuul, refs, "launcher.config").shards;
  const stays = new Set<string>(staying.map(({ id }) => id));
  const gone = launchers.filter(({ id }) => !stays.has(id)).flatMap((one) => leavingShard(zuul, refs, one));
  const drained = [files.drained, Sealed.of(drainedScript)] as const;
  const shards: readonly LauncherShard[] = [
    ...staying.map(({ id, provider, text }) => ({ id, provider, files: podFiles(text, logging, clouds) })),
    ...gone.map(({ id, provider, text, image }) => ({
      id,
      provider,
      files: podFiles(text, [...logging, drained], clouds),
      leaving: given({ image }),
    })),
  ];
  return {
    launchers: shards.toSorted((a, b) => (a.id < b.id ? -1 : 1)),
    ...(builder === undefined ? {} : { builder: builderFiles(zuul, refs, clouds, logging, gone) }),
  };
}

interface LeavingShard {
  readonly id: string;
  readonly provider: string;
  readonly text: string;
  readonly image: string | undefined;
}

/** What a launcher was given, changed so that it drains; none when it is done, or nobody wants to wait for it. */
function leavingShard(
  zuul: Zuul,
  refs: ResolvedRefs,
  { id, image, isDrained }: LiveLauncher,
): readonly LeavingShard[] {
  const reference = launcherReference(id);
  if (zuul.spec.launcher?.drain === false || isDrained || !refs.has(reference)) return [];
  const { shards } = cut(zuul, drainingShard(open(refs.file(reference))));
  return shards.map(({ provider, text }) => ({ id, provider, text, image }));
}

function partsOf(
  zuul: Zuul,
  refs: ResolvedRefs,
  id: "launcher.config" | "builder.config",
  leaving: readonly string[] = [],
): NodepoolParts {
  const refused = (why: string, cause?: Blocked): Blocked =>
    new Blocked(
      "InvalidNodepoolConfig",
      `Cannot use key "${refs.keyOf(id)}" of ${refs.secretNameOf(id)} (spec.${id}): ${why}`,
      cause === undefined ? {} : { cause },
    );
  let parts: NodepoolParts;
  try {
    parts = cut(zuul, open(refs.file(id)), leaving);
  } catch (error) {
    throw error instanceof Blocked ? refused(error.message, error) : error;
  }
  if (parts.problems.length === 0) return parts;
  throw refused(parts.problems.map(({ message }) => message).join("; "));
}

function cut(zuul: Zuul, text: string, leaving: readonly string[] = []): NodepoolParts {
  const { servers, chroot } = zooKeeperServers(zooKeeperHostsOf(zuul));
  const tls = {
    cert: `${paths.zookeeper}/tls.crt`,
    key: `${paths.zookeeper}/tls.key`,
    ca: `${paths.zookeeper}/ca.crt`,
  };
  return shardNodepool(text, {
    zooKeeper: { servers, tls },
    leaving,
    set: {
      webapp: { port: ports.nodepoolWeb, listen_address: "0.0.0.0" },
      ...(chroot === undefined
        ? {}
        : { "zookeeper-servers": servers.map((server) => ({ ...server, chroot })) }),
    },
    setBuilder: {
      "images-dir": paths.nodepoolImages,
      "build-log-dir": paths.nodepoolLogs,
    },
  });
}

function builderFiles(
  zuul: Zuul,
  refs: ResolvedRefs,
  clouds: CloudFiles,
  logging: Files,
  leaving: readonly LeavingShard[],
): PodFiles {
  const texts = leaving.map(({ text }) => text);
  const { builder } = partsOf(zuul, refs, "builder.config", texts);
  if (builder === undefined) throw new TypeError("Without problems there is a builders' part");
  const { text, diskimages } = builder;
  return podFiles(text, [...logging, ...secureEntry(zuul, refs, diskimages)], clouds);
}

/** nodepool.yaml is read again when it changes, so it restarts nothing; everything beside it does. */
function podFiles(yaml: string, others: Files, clouds: CloudFiles): PodFiles {
  return {
    entries: new Map<string, string | Sealed>([[files.nodepool, Sealed.of(yaml)], ...others]),
    hash: contentHash([...others, ...clouds.contents]),
  };
}

/** Nodepool's logging comes from a file alone; the same one as Zuul's. */
function loggingEntry(zuul: Zuul, refs: ResolvedRefs): Files {
  const file = loggingFile(zuul, refs);
  return file === undefined ? [] : [[file, refs.file("logging.config")]];
}

/** Nodepool ends at an image that it does not know, so only known ones may be named. */
function secureEntry({ spec }: Zuul, refs: ResolvedRefs, images: readonly string[]): Files {
  const wishes = Object.entries(spec.builder?.secureEnv ?? {});
  if (wishes.length === 0) return [];
  const env = new Map(
    wishes.map(([image, variables]) => [
      image,
      new Map(
        Object.keys(variables).map((variable) => [variable, open(refs.text(secureEnvId(image, variable)))]),
      ),
    ]),
  );
  const unknown = unknownImages(images, env);
  if (unknown.length > 0)
    throw new Blocked(
      "InvalidSpec",
      unknown
        .map((image) => `spec.builder.secureEnv.${image}: nodepool.yaml has no diskimage of this name`)
        .join("; "),
    );
  return [[files.secureConf, Sealed.of(renderSecureFile(images, env))]];
}
