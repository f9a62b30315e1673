/**
 * The process shell: configuration in, controllers run, exit code out. Everything that lives is started and stopped here.
 *
 * Caches are warm in standby too; only the leader makes passes. A stop lets passes end, hands the Lease over, leaves.
 */
import { randomBytes } from "node:crypto";
import { hostname } from "node:os";
import type { Logger } from "pino";
import { ApplyEngine } from "../apply/engine.ts";
import { Caches } from "../cache/caches.ts";
import type { Controller } from "../control/controller.ts";
import { Events } from "../control/events.ts";
import { Leader } from "../control/leader.ts";
import { Loop } from "../control/loop.ts";
import { namedKinds } from "../control/owned.ts";
import { Reads } from "../control/reads.ts";
import type { Grants } from "../model/grant.ts";
import { leaseName } from "../rbac.ts";
import { ApiError } from "../wire/answer.ts";
import { Client } from "../wire/client.ts";
import { Congestion } from "../wire/congestion.ts";
import { findServer } from "../wire/find-server.ts";
import type { Server } from "../wire/server.ts";
import { openTransport } from "../wire/transport.ts";
import { checkCaches } from "./cache-check.ts";
import { isInTouch, serveHealth } from "./health.ts";
import { openLog } from "./log.ts";
import { Metrics } from "./metrics.ts";
import { namespacesOf, type WatchScope, watchScope } from "./scope.ts";

export interface RunFlags {
  readonly kubeconfig?: string;
  readonly context?: string;
  /** Own namespace: where the Lease lies. Default: of the pod, or of the kubeconfig. */
  readonly namespace?: string;
  /** Default: from `WATCH_NAMESPACE`. */
  readonly watch?: WatchScope;
  readonly logLevel?: string;
  readonly logFormat?: "json" | "text";
  /** Default 8080; 0 any, below 0 none. */
  readonly metricsPort?: number;
  /** Default 8081; 0 any, below 0 none. */
  readonly healthPort?: number;
  /** Default true, with one replica too: a roll-out overlaps two. */
  readonly leaderElection?: boolean;
  /** Compares the caches with lists of metadata each so many seconds, and only counts. Default 0: never. */
  readonly cacheCheckSeconds?: number;
}

export interface RunOptions {
  readonly name: string;
  readonly version: string;
  readonly controllers: readonly Controller[];
  /** Replaces those of every controller. */
  readonly grants?: Grants;
  readonly env?: Readonly<Record<string, string | undefined>>;
  readonly flags?: RunFlags;
  /** Ends the operator as SIGTERM does; for tests in one process. */
  readonly signal?: AbortSignal;
}

const graceMs = 25_000;

/**
 * Runs until SIGTERM or SIGINT (0), until leadership is lost or something unexpected happens (1).
 * @throws NoServer
 * @throws MalformedScope
 */
export async function runOperator(options: RunOptions): Promise<number> {
  const { name, version, flags = {}, env = process.env } = options;
  const log = openLog({
    level: flags.logLevel ?? "info",
    format: flags.logFormat ?? "json",
  });
  const scope = flags.watch ?? watchScope(env);
  const server = await findServer({
    env,
    ...(flags.kubeconfig === undefined ? {} : { kubeconfig: flags.kubeconfig }),
    ...(flags.context === undefined ? {} : { context: flags.context }),
  });
  const namespace = flags.namespace ?? env["POD_NAMESPACE"] ?? server.namespace ?? "default";
  const stop = new AbortController();
  const cut = new AbortController();
  const released = listenToSignals(stop, options.signal, log);
  const operator = assemble({ options, server, log, namespace, scope, userAgent: `${name}/${version}` });
  const { metrics, caches, leader } = operator;
  const identity = { operator: name, version, namespace, scope: scope.kind };
  const health = await serveHealth({
    healthPort: flags.healthPort ?? 8081,
    metricsPort: flags.metricsPort ?? 8080,
    metrics,
    isReady: () => !stop.signal.aborted && isInTouch(caches.reflectors),
  });
  log.info({ ...identity, healthPort: health.healthPort, metricsPort: health.metricsPort }, "started");
  const watching = caches.run(cut.signal);
  let code = 0;
  let isLost = false;
  let keeping: Promise<void> | undefined;
  const handOver = async (): Promise<void> => {
    if (isLost) return;
    await leader
      ?.release()
      .catch((error: unknown) => log.warn({ reason: wordsOf(error) }, "lease not released"));
  };
  try {
    const startedMs = performance.now();
    // The caches fill beside it. With much to read that takes longer than a Lease lasts: it is kept from the first moment.
    await leader?.acquire(stop.signal);
    keeping = leader?.keep(cut.signal).then((ended) => {
      if (ended === "stopped") return;
      log.error(identity, "leadership lost");
      isLost = true;
      code = 1;
      stop.abort();
      cut.abort();
    });
    await caches.settled(stop.signal);
    log.info({ ...identity, syncedMs: Math.round(performance.now() - startedMs) }, "leading");
    const checking = checkCaches({
      caches,
      metrics,
      seconds: flags.cacheCheckSeconds ?? 0,
      signal: stop.signal,
    });
    await runLoops(operator.loops, stop.signal, cut);
    await operator.events.flush();
    await handOver();
    cut.abort();
    await Promise.all([keeping, checking]);
  } catch (error) {
    if (!stop.signal.aborted) throw error;
    await handOver();
  } finally {
    cut.abort();
    await watching;
    health.close();
    operator.client.close();
    released();
    log.info({ ...identity, code }, "stopped");
  }
  return code;
}

interface Assembly {
  readonly client: Client;
  readonly caches: Caches;
  readonly loops: readonly Loop[];
  readonly events: Events;
  readonly metrics: Metrics;
  readonly leader: Leader | undefined;
}

interface AssemblyProps {
  readonly options: RunOptions;
  readonly server: Server;
  readonly log: Logger;
  readonly namespace: string;
  readonly scope: WatchScope;
  readonly userAgent: string;
}

function assemble({ options, server, log, namespace, scope, userAgent }: AssemblyProps): Assembly {
  const { name, grants, env = process.env, flags = {} } = options;
  const controllers = options.controllers.map((controller) =>
    grants === undefined ? controller : { ...controller, grants },
  );
  const fieldManager = onlyFieldManager(controllers);
  const metrics = new Metrics(name);
  const host = new URL(server.url).host;
  const plain = new Client({
    transport: openTransport(server),
    server,
    userAgent: `${userAgent} (controller)`,
    onAnswer: (method, code, took) => metrics.request(host, method, code, took),
    onWarning: (what, warning) => log.warn({ what, warning: warning.slice(0, 500) }, "the API server warns"),
  });
  const pod = env["POD_NAME"] ?? hostname();
  const leader =
    flags.leaderElection === false
      ? undefined
      : new Leader({
          // Never behind other requests: a late renewal is a lost Lease.
          client: plain.as({ userAgent: `${userAgent} (leader)`, congestion: new Congestion() }),
          namespace,
          name: leaseName(name),
          identity: `${pod}_${randomBytes(5).toString("hex")}`,
          onChange: (isLeading) => metrics.leading(name, isLeading),
          onFailure: (error) =>
            log.warn({ lease: leaseName(name), reason: wordsOf(error) }, "lease not renewed"),
        });
  const client = leader === undefined ? plain : plain.as({ fence: () => leader.fence() });
  const caches = new Caches({
    client: plain,
    fieldManager,
    namespaces: namespacesOf(scope, namespace),
    onRestart: (kind, why) => {
      metrics.watchRestarted(kind.kind, why);
      log.info({ watch: kind.kind, why }, "watch restarts");
    },
    onBroken: (kind) => metrics.watchBroken(kind.kind),
  });
  const engine = new ApplyEngine({
    client,
    caches,
    fieldManager,
    onApplied: (outcome) => metrics.applied(outcome),
  });
  const reads = new Reads({
    client,
    caches,
    fieldManager,
    onCertificate: (where, secret, endsMs) => metrics.certificate(where, secret, endsMs),
  });
  const events = new Events({
    client,
    reporter: name,
    instance: pod,
    onFailure: () => log.debug("an event was not stored"),
  });
  const loops = controllers.map(
    (controller) => new Loop({ controller, client, caches, engine, reads, events, metrics, log }),
  );
  const byName = new Map(loops.map((loop) => [loop.name, loop]));
  for (const kind of controllers.flatMap(namedKinds))
    caches.watchNames(kind, (change) => {
      const live = change.new ?? change.old;
      if (live === undefined) return;
      for (const loop of loops) loop.nameChanged(live);
      for (const asker of reads.askersOf(live)) {
        const blank = asker.indexOf(" ");
        byName.get(asker.slice(0, blank))?.wake(asker.slice(blank + 1));
      }
    });
  return { client: plain, caches, loops, events, metrics, leader };
}

/** Runs all loops; after the stop they have a while to end what they are at. */
async function runLoops(loops: readonly Loop[], stop: AbortSignal, cut: AbortController): Promise<void> {
  let late: NodeJS.Timeout | undefined;
  stop.addEventListener("abort", () => (late = setTimeout(() => cut.abort(), graceMs)), { once: true });
  try {
    await Promise.all(loops.map((loop) => loop.run(stop, cut.signal)));
  } finally {
    clearTimeout(late);
  }
}

/** SIGTERM and SIGINT stop once and end at once the second time. Returns the undoing. */
function listenToSignals(stop: AbortController, outer: AbortSignal | undefined, log: Logger): () => void {
  const end = () => {
    if (stop.signal.aborted) process.exit(1);
    stop.abort();
  };
  const crash = (error: unknown) => {
    log.fatal(
      {
        err:
          error instanceof Error
            ? { name: error.name, message: error.message, stack: error.stack }
            : { message: "no error" },
      },
      "crashed",
    );
    process.exit(1);
  };
  process.on("SIGTERM", end).on("SIGINT", end).on("uncaughtException", crash).on("unhandledRejection", crash);
  const outerEnd = () => stop.abort();
  outer?.addEventListener("abort", outerEnd, { once: true });
  return () => {
    process
      .off("SIGTERM", end)
      .off("SIGINT", end)
      .off("uncaughtException", crash)
      .off("unhandledRejection", crash);
    outer?.removeEventListener("abort", outerEnd);
  };
}

function onlyFieldManager(controllers: readonly Controller[]): string {
  const [first, ...others] = new Set(controllers.map((controller) => controller.fieldManager));
  if (first === undefined) throw new Error("an operator needs a controller");
  if (others.length > 0)
    throw new Error(
      `controllers of one operator share one field manager, these have ${[first, ...others].join(", ")}`,
    );
  return first;
}

function wordsOf(error: unknown): string {
  return error instanceof ApiError
    ? `${error.message}: ${error.answer.message}`
    : error instanceof Error
      ? error.message
      : "no error";
}
