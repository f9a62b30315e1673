/**
 * Which gates stand between the stages, decided from what runs now. Pure.
 *
 * A first install waits for ZooKeeper and the database, and then starts everything together, because a scheduler needs
 * a merger and a web server a scheduler to become ready. An upgrade goes in Zuul's order, each program after the one
 * before. Any other change rolls at once whoever uses it: a rotated password must not wait for hours until executors
 * have finished their builds, and a lost member of the ensemble must not hold back repairs.
 * @see Zuul 14.3.0 operations guide, "Upgrading"
 */
import type { Gate, ObjectRef } from "@zuul-pulp/k8s-core/model";
import { daemonImage } from "./components/pod.ts";
import { type Daemon, daemons } from "./daemons.ts";
import { imageIn, type Live } from "./live.ts";
import { nameOf } from "./names.ts";
import type { Zuul } from "./parse.ts";

/** Gates by the stage that they stand before; absent: open. */
export interface Gates {
  readonly executors?: Gate;
  readonly mergers?: Gate;
  readonly schedulers?: Gate;
  readonly edge?: Gate;
}

export function gatesOf(zuul: Zuul, live: Live): Gates {
  const running = daemons.map((daemon) => imageIn(live.live(workload(zuul, daemon)), daemon));
  if (running.every((image) => image === undefined)) return firstInstall(zuul);
  const isUpgrade = daemons.some((daemon, index) => {
    const image = running[index];
    return image !== undefined && image !== daemonImage(zuul, daemon);
  });
  return isUpgrade ? upgrade(zuul) : {};
}

function firstInstall(zuul: Zuul): Gates {
  const until = [
    ...(zuul.zookeeper.kind === "managed" ? [statefulSet(nameOf(zuul, "zookeeper"))] : []),
    ...(zuul.database.kind === "single" ? [statefulSet(nameOf(zuul, "database"))] : []),
  ];
  const waitingFor = "ZooKeeper and the database to answer";
  return { executors: { until, holds: "everything", reason: "BackingServicesNotReady", waitingFor } };
}

/** `updates`: what is not there yet, or was deleted, is made at once. */
function upgrade(zuul: Zuul): Gates {
  const after = (daemon: Daemon, reason: string, waitingFor: string): Gate => ({
    until: [workload(zuul, daemon)],
    holds: "updates",
    reason,
    waitingFor,
  });
  return {
    mergers: after("executor", "ExecutorsUpdating", "executors to finish their builds and to be updated"),
    schedulers: after("merger", "MergersUpdating", "mergers to be updated"),
    edge: after("scheduler", "SchedulersUpdating", "schedulers to load all tenants"),
  };
}

const statefulSet = (name: string): ObjectRef => ({ apiVersion: "apps/v1", kind: "StatefulSet", name });

function workload(zuul: Zuul, daemon: Daemon): ObjectRef {
  const kind = daemon === "web" || daemon === "fingergw" ? "Deployment" : "StatefulSet";
  return { apiVersion: "apps/v1", kind, name: nameOf(zuul, daemon) };
}
