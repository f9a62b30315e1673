/** Step 7: what is said about one Zuul: its own components and tenants beside the state of its pods. Pure. */
import { exposedUrl } from "@zuul-pulp/constructs";
import type {
  ComponentStatus,
  ConditionClaim,
  LiveObject,
  Observed,
  ObjectRef,
  StatusClaim,
} from "@zuul-pulp/k8s-core/model";
import { objectId } from "@zuul-pulp/k8s-core/model";
import { inside } from "./components/web.ts";
import { daemons } from "./daemons.ts";
import { leavingProviderOf } from "./leaving.ts";
import { nameOf } from "./names.ts";
import type { Zuul } from "./parse.ts";
import { ports } from "./paths.ts";
import type { ConfigError, Program, TenantFacts, ZuulFacts } from "./probe.ts";

export interface ZuulStatus extends StatusClaim {
  readonly programs?: readonly ProgramStatus[];
  readonly tenants?: readonly TenantStatus[];
}

export interface ProgramStatus {
  readonly kind: string;
  readonly state: string;
  readonly version: string;
  readonly count: number;
}

export interface TenantStatus {
  readonly name: string;
  readonly configErrors?: number;
  readonly errors?: readonly ConfigError[];
}

export function statusOf(zuul: Zuul, observed: Observed<ZuulFacts>): ZuulStatus {
  const facts = observed.facts?.value;
  const url = urlOf(zuul, observed);
  const waiting = observed.waiting ?? waitingForZuul(zuul, facts);
  return {
    version: zuul.spec.version,
    ...("url" in url ? { url: url.url } : {}),
    components: observed.components.map((row) => withHint(zuul, row)),
    conditions: [configValid(facts), rolloutComplete(observed)],
    ...(facts?.programs === undefined ? {} : { programs: programsOf(facts.programs) }),
    ...(facts?.tenants === undefined ? {} : { tenants: facts.tenants.map(tenantOf) }),
    ...(waiting === undefined
      ? {}
      : {
          waiting: leavingProvider(observed, waiting) ?? withBackingHint(zuul, waiting, observed.components),
        }),
  };
}

/** The address that people use: the one they gave, else what the cluster assigned. */
function urlOf(
  zuul: Zuul,
  { objects }: Observed<ZuulFacts>,
): { readonly url: string } | { readonly waitingFor: string } {
  const { status_url, expose = inside } = zuul.spec.web;
  if (status_url !== undefined) return { url: zuul.root };
  const live = (ref: ObjectRef): LiveObject | undefined => objects.get(objectId(ref))?.live;
  return exposedUrl({ expose, name: nameOf(zuul, "web"), namespace: zuul.namespace, port: ports.web }, live);
}

/** Pods may run while Zuul itself does not: its own word counts, as far as web has one and gives it to strangers. */
function waitingForZuul(zuul: Zuul, facts: ZuulFacts | undefined): StatusClaim["waiting"] {
  if (zuul.spec.web.count === 0) return undefined;
  if (facts === undefined)
    return { reason: "WaitingForZuul", message: "Waiting for Zuul's web server to report its components" };
  const { programs } = facts;
  if (programs === undefined) return undefined;
  for (const kind of daemons) {
    const desired = zuul.spec[kind].count;
    const running = programs.filter((program) => program.kind === kind && isServing(program)).length;
    if (running < desired)
      return {
        reason: "WaitingForZuul",
        message: `Waiting for Zuul to report ${desired} running ${kind}: ${running} so far`,
      };
  }
  return undefined;
}

const isServing = ({ state }: Program): boolean => state === "running" || state === "paused";

function configValid(facts: ZuulFacts | undefined): ConditionClaim {
  const claim = (status: ConditionClaim["status"], reason: string, message: string): ConditionClaim => ({
    type: "ConfigValid",
    status,
    reason,
    message,
  });
  if (facts === undefined) return claim("Unknown", "NotReported", "Zuul has not reported its tenants yet");
  const { tenants = [] } = facts;
  const told = tenants.filter(({ errors }) => errors !== undefined);
  const untold = tenants.length - told.length;
  if (facts.tenants === undefined || (told.length === 0 && untold > 0))
    return claim(
      "Unknown",
      "NotTold",
      "Zuul tells no configuration errors: access rules of the tenant file keep them from strangers, or its web server has no answer about its tenants",
    );
  const [first] = told.filter(({ errors }) => errors?.first.length !== 0);
  const [error] = first?.errors?.first ?? [];
  if (first === undefined || error === undefined) {
    const rest = untold === 0 ? "" : `; of ${untold} more nothing is told`;
    return claim("True", "TenantsLoaded", `Loaded without errors: ${numberOf(told.length, "tenant")}${rest}`);
  }
  const place = [error.project, error.file, error.line === undefined ? undefined : `line ${error.line}`];
  const total = told.reduce((sum, { errors }) => sum + (errors?.count ?? 0), 0);
  return claim(
    "False",
    "TenantConfigErrors",
    `${numberOf(total, "configuration error")}, ${total === 1 ? "in" : "the first in"} ` +
      `${[`tenant ${first.name}`, ...place].filter((part) => part !== undefined).join(", ")}: ${error.message}`,
  );
}

const numberOf = (count: number, what: string): string => `${count} ${what}${count === 1 ? "" : "s"}`;

function rolloutComplete({ waiting, applied }: Observed<ZuulFacts>): ConditionClaim {
  const isDone = waiting === undefined && applied.closedGate === undefined;
  return {
    type: "RolloutComplete",
    status: isDone ? "True" : "False",
    reason: isDone ? "AllUpdated" : (waiting?.reason ?? "RolloutInProgress"),
    message: isDone ? "All pods are up to date and ready" : (waiting?.message ?? "Pods are being updated"),
  };
}

/** A launcher whose provider has left is ready only when it is done; until then that is what is waited for. */
function leavingProvider(
  { objects }: Observed<ZuulFacts>,
  { message }: NonNullable<StatusClaim["waiting"]>,
): StatusClaim["waiting"] {
  const about = [...objects.values()].find(
    ({ ref, live }) => live !== undefined && isLeaving(live) && message.includes(`${ref.name}: `),
  );
  const provider = about?.live === undefined ? undefined : leavingProviderOf(about.live);
  if (provider === undefined) return undefined;
  return {
    reason: "ProviderLeaving",
    message:
      `Waiting for Nodepool to delete what it holds of provider "${provider}", which has left nodepool.yaml; ` +
      "nodes in use end with their jobs, held ones when they are let go",
  };
}

const isLeaving = (live: LiveObject): boolean => leavingProviderOf(live) !== undefined;

/** The first component that does not become ready says why, when there is a likely cause. */
function withBackingHint(
  zuul: Zuul,
  waiting: NonNullable<StatusClaim["waiting"]>,
  rows: readonly ComponentStatus[],
): NonNullable<StatusClaim["waiting"]> {
  const row = rows.find(({ name }) => waiting.message.includes(`${nameOf(zuul, name)}: `));
  const hint = row === undefined ? undefined : backingHint(zuul, row.name);
  return hint === undefined || !isNotReady(waiting.message)
    ? waiting
    : { ...waiting, message: `${waiting.message}; ${hint}` };
}

function withHint(zuul: Zuul, row: ComponentStatus): ComponentStatus {
  const hint = backingHint(zuul, row.name);
  if (hint === undefined || row.waitingFor === undefined || !isNotReady(row.waitingFor)) return row;
  return { ...row, waitingFor: `${row.waitingFor}; ${hint}` };
}

const isNotReady = (sentence: string): boolean => sentence.endsWith("pods ready");

/** A component waits for somebody else's ZooKeeper or database without a word, so the likely cause is named. */
function backingHint({ zookeeper, database }: Zuul, component: string): string | undefined {
  const needsDatabase = component === "scheduler" || component === "web";
  const others = [
    ...(zookeeper.kind === "external" ? [`ZooKeeper at ${zookeeper.hosts}`] : []),
    ...(database.kind === "external" && needsDatabase
      ? [`the database of Secret "${database.dburi.secretName}"`]
      : []),
  ];
  return others.length === 0 ? undefined : `it becomes ready only when it reaches ${others.join(" and ")}`;
}

function programsOf(programs: readonly Program[]): readonly ProgramStatus[] {
  const rows = new Map<string, ProgramStatus>();
  for (const { kind, state, version } of programs) {
    const key = `${kind} ${state} ${version}`;
    rows.set(key, { kind, state, version, count: (rows.get(key)?.count ?? 0) + 1 });
  }
  return [...rows.values()];
}

function tenantOf({ name, errors }: TenantFacts): TenantStatus {
  if (errors === undefined) return { name };
  return { name, configErrors: errors.count, ...(errors.first.length === 0 ? {} : { errors: errors.first }) };
}
