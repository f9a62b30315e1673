/** The engine, seen from the API server: what the example operator does, and what it leaves alone. */
import { readFile, writeFile } from "node:fs/promises";
import { adoptAnnotation, connect, isAnswer, kinds, type KindSpec } from "@zuul-pulp/k8s-core";
import type { LiveObject } from "@zuul-pulp/k8s-core/model";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { boardDefinition } from "../../examples/board-operator/src/board.ts";
import { isWrite } from "../lab/audit.ts";
import { installDefinitions } from "../lab/definitions.ts";
import { conditionOf, eventually, field, isReady, until } from "../lab/look.ts";
import { person } from "../lab/person.ts";
import { pairsOf, rightsUsed } from "../lab/rights.ts";
import { openFront } from "./front.ts";
import { board, boards, type Lab, openLab, rights } from "./harness.ts";

let lab: Lab;
beforeAll(async () => {
  lab = await openLab();
}, 300_000);
afterAll(async () => await lab[Symbol.asyncDispose]());

/** A board that is ready. */
async function readyBoard(namespace: string, name: string, spec: object = {}): Promise<LiveObject> {
  await lab.admin.apply(boards, namespace, board(name, spec), person);
  return await until(lab.admin, boards, namespace, name, isReady);
}

const has = (reason: string) => (live: LiveObject) => conditionOf(live, "Ready", "reason") === reason;

async function live(kind: KindSpec, namespace: string | undefined, name: string): Promise<LiveObject> {
  const found = await lab.admin.get(kind, namespace, name);
  if (found === undefined) throw new Error(`no ${kind.kind} ${name}`);
  return found;
}

/** Until the operator has been silent: nothing but its Lease for a while. */
const quiet = (namespace: string): Promise<void> => lab.rest(namespace, 1000);

describe("install", () => {
  test("takes one write per child, and nothing is written afterwards or by a restart", async () => {
    const { namespace, operator: start } = await lab.room("install");
    const operator = await start();
    const mark = await lab.audit.mark();
    await readyBoard(namespace, "a");
    await quiet(namespace);
    const lines = await lab.asked(mark, namespace);
    const children = lines
      .filter(isWrite)
      .filter(({ resource }) => ["configmaps", "deployments", "services"].includes(resource));
    expect(children.map(({ resource }) => resource).sort()).toEqual([
      "configmaps",
      "deployments",
      "services",
    ]);
    expect(lines.filter(({ verb }) => verb === "get" || verb === "list")).toEqual([]);
    expect(lines.filter(({ code }) => code === 403)).toEqual([]);

    const restart = await lab.audit.mark();
    expect(await operator.end()).toBe(0);
    const again = await start();
    await again.says('"msg":"passed"');
    await quiet(namespace);
    expect((await lab.asked(restart, namespace)).filter(isWrite)).toEqual([]);
    expect(await again.end()).toBe(0);
  });

  test("of 40 objects takes at most 60 requests", async () => {
    const { namespace, operator: start } = await lab.room("forty");
    for (let number = 0; number < 13; number += 1)
      await lab.admin.apply(boards, namespace, board(`b${number}`), person);
    const mark = await lab.audit.mark();
    const operator = await start();
    for (let number = 0; number < 13; number += 1)
      await until(lab.admin, boards, namespace, `b${number}`, isReady);
    await quiet(namespace);
    const lines = await lab.asked(mark, namespace);
    const onChildren = lines.filter(({ resource }) =>
      ["configmaps", "deployments", "services", "secrets", "pods"].includes(resource),
    );
    expect(onChildren.filter(isWrite)).toHaveLength(39);
    expect(onChildren.length).toBeLessThanOrEqual(60);
    expect(await operator.end()).toBe(0);
  });
});

describe("drift", () => {
  test("of each kind of child is repaired: what was deleted is back", async () => {
    const { namespace, operator: start } = await lab.room("deleted");
    const operator = await start();
    await readyBoard(namespace, "a");
    await quiet(namespace);
    for (const kind of [kinds.ConfigMap, kinds.Service, kinds.Deployment]) {
      const { metadata } = await live(kind, namespace, "a-web");
      const mark = await lab.audit.mark();
      await lab.admin.delete(kind, namespace, metadata);
      await until(lab.admin, kind, namespace, "a-web", (now) => now.metadata.uid !== metadata.uid);
      await eventually(async () =>
        (await lab.asked(mark, namespace)).filter(isWrite).some(({ resource }) => resource === kind.plural),
      );
    }
    await until(lab.admin, boards, namespace, "a", isReady);
    expect(await operator.end()).toBe(0);
  });

  test("in a field of ours is undone, in a field of others kept", async () => {
    const { namespace, operator: start } = await lab.room("edited");
    const operator = await start();
    await lab.admin.apply(boards, namespace, { ...board("a"), spec: { text: "hello" } }, person);
    await until(lab.admin, boards, namespace, "a", isReady);
    await quiet(namespace);
    const foreign = {
      metadata: {
        annotations: { "mesh.example.org/injected": "yes" },
        labels: { "argocd.argoproj.io/instance": "x" },
      },
      spec: { replicas: 3 },
    };
    await lab.admin.mergePatch(kinds.Deployment, namespace, "a-web", foreign, {
      fieldManager: "an-autoscaler",
    });
    await lab.admin.mergePatch(
      kinds.Service,
      namespace,
      "a-web",
      { spec: { selector: { "app.kubernetes.io/component": "elsewhere" } } },
      person,
    );
    await until(
      lab.admin,
      kinds.Service,
      namespace,
      "a-web",
      (now) => field(now, "spec", "selector", "app.kubernetes.io/component") === "web",
    );
    await quiet(namespace);
    const deployment = await live(kinds.Deployment, namespace, "a-web");
    expect(field(deployment, "spec", "replicas")).toBe(3);
    expect(deployment.metadata.annotations?.["mesh.example.org/injected"]).toBe("yes");
    expect(deployment.metadata.labels?.["argocd.argoproj.io/instance"]).toBe("x");
    expect(await operator.end()).toBe(0);
  });

  test("that somebody repeats without end is named and left alone", async () => {
    const { namespace, operator: start } = await lab.room("contended");
    const operator = await start();
    await readyBoard(namespace, "a");
    for (let round = 0; round < 6; round += 1) {
      await lab.admin.mergePatch(
        kinds.ConfigMap,
        namespace,
        "a-web",
        { data: { "index.html": `round ${round}` } },
        { fieldManager: "gitops" },
      );
      if (round < 5)
        await until(lab.admin, kinds.ConfigMap, namespace, "a-web", (now) =>
          String(field(now, "data", "index.html")).includes("hello"),
        );
    }
    const stopped = await until(lab.admin, boards, namespace, "a", has("Contended"));
    expect(conditionOf(stopped, "Ready", "message")).toContain("gitops");
    expect(await operator.end()).toBe(0);
  });
});

describe("prune", () => {
  test("removes what is no longer wanted and keeps what holds data", async () => {
    const { namespace, operator: start } = await lab.room("prune");
    const operator = await start();
    await lab.admin.apply(boards, namespace, board("a", { archive: { size: "1Gi" } }), person);
    await until(lab.admin, boards, namespace, "a", isReady);
    const claim = await live(kinds.PersistentVolumeClaim, namespace, "a-archive");
    expect(claim.metadata.ownerReferences ?? []).toEqual([]);
    for (const kind of [kinds.ConfigMap, kinds.Service, kinds.Deployment]) {
      const ours = await live(kind, namespace, "a-web");
      const { labels = {}, ownerReferences = [] } = ours.metadata;
      const metadata = { name: "a-stray", labels, ownerReferences };
      const spec =
        kind === kinds.Service
          ? { ports: field(ours, "spec", "ports") }
          : { selector: field(ours, "spec", "selector"), template: field(ours, "spec", "template") };
      const stray = { apiVersion: kind.apiVersion, kind: kind.kind, metadata };
      await lab.admin.create(kind, namespace, kind === kinds.ConfigMap ? stray : { ...stray, spec }, person);
      await eventually(async () => (await lab.admin.get(kind, namespace, "a-stray")) === undefined);
    }
    await lab.admin.apply(boards, namespace, board("a"), person);
    await until(lab.admin, boards, namespace, "a", isReady);
    await quiet(namespace);
    expect((await live(kinds.PersistentVolumeClaim, namespace, "a-archive")).metadata.uid).toBe(
      claim.metadata.uid,
    );
    await lab.admin.apply(boards, namespace, board("a", { deletionPolicy: "Delete" }), person);
    await eventually(async () => {
      const left = await lab.admin.get(kinds.PersistentVolumeClaim, namespace, "a-archive");
      return left === undefined || left.metadata.deletionTimestamp !== undefined;
    });
    expect(await operator.end()).toBe(0);
  });
});

describe("what a person must mend", () => {
  test("is a missing Secret: named, and healed without a restart when it appears", async () => {
    const { namespace, operator: start } = await lab.room("secret");
    const operator = await start();
    await lab.admin.apply(
      boards,
      namespace,
      board("a", { passcode: { secretName: "later", key: "code" } }),
      person,
    );
    const waiting = await until(lab.admin, boards, namespace, "a", has("SecretMissing"));
    expect(conditionOf(waiting, "Ready", "message")).toContain("later");
    const canary = "canary-7f3a9c";
    const secret = (value: string) => ({
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "later" },
      data: { code: Buffer.from(value).toString("base64") },
    });
    await lab.admin.apply(kinds.Secret, namespace, secret(canary), person);
    await until(lab.admin, boards, namespace, "a", isReady);
    const before = field(
      await live(kinds.Deployment, namespace, "a-web"),
      "spec",
      "template",
      "metadata",
      "annotations",
      "operators.zuul-pulp.io/config-hash",
    );
    await lab.admin.apply(kinds.Secret, namespace, secret(`${canary}-rotated`), person);
    await until(
      lab.admin,
      kinds.Deployment,
      namespace,
      "a-web",
      (now) =>
        field(now, "spec", "template", "metadata", "annotations", "operators.zuul-pulp.io/config-hash") !==
        before,
    );
    await until(lab.admin, boards, namespace, "a", isReady);
    const events = await lab.admin.list(kinds.Event, namespace);
    expect(events.items.map((event) => event["reason"])).toContain("SecretMissing");
    expect(operator.output() + JSON.stringify([events, await live(boards, namespace, "a")])).not.toContain(
      canary,
    );
    expect(await operator.end()).toBe(0);
  });

  test("is a name that somebody else has: refused until it is free", async () => {
    const { namespace, operator: start } = await lab.room("foreign");
    const foreign = {
      apiVersion: "v1",
      kind: "ConfigMap",
      metadata: { name: "a-web" },
      data: { mine: "yes" },
    };
    const theirs = await lab.admin.create(kinds.ConfigMap, namespace, foreign, person);
    const operator = await start();
    await lab.admin.apply(boards, namespace, board("a"), person);
    const refused = await until(lab.admin, boards, namespace, "a", has("NameConflict"));
    expect(conditionOf(refused, "Stalled")).toBe("True");
    expect(field(await live(kinds.ConfigMap, namespace, "a-web"), "data")).toEqual({ mine: "yes" });
    await lab.admin.delete(kinds.ConfigMap, namespace, theirs.metadata);
    await until(lab.admin, boards, namespace, "a", isReady);
    expect(await operator.end()).toBe(0);
  });

  test("is a name that somebody else has, and hands over: what they set and we do not want goes", async () => {
    const { namespace, operator: start } = await lab.room("adopted");
    const data = { "index.html": "theirs", mine: "yes" };
    const metadata = { name: "a-web", annotations: { [adoptAnnotation]: "Board/a" } };
    const foreign = { apiVersion: "v1", kind: "ConfigMap", metadata, data };
    const former = { fieldManager: "kubectl-client-side-apply" };
    const theirs = await lab.admin.create(kinds.ConfigMap, namespace, foreign, former);
    const operator = await start();
    await lab.admin.apply(boards, namespace, board("a"), person);
    await until(lab.admin, boards, namespace, "a", isReady);
    const ours = await live(kinds.ConfigMap, namespace, "a-web");
    expect(ours.metadata.uid).toBe(theirs.metadata.uid);
    expect(Object.keys(Object(field(ours, "data")))).toEqual(["index.html"]);
    expect(await operator.end()).toBe(0);
  });

  test("is a permission that was taken away: named, and healed by the next change after the grant", async () => {
    const { namespace, operator: start } = await lab.room("forbidden");
    const operator = await start();
    await readyBoard(namespace, "a");
    const role = (rules: readonly object[]) => ({
      apiVersion: kinds.Role.apiVersion,
      kind: "Role",
      metadata: { name: "board-operator", namespace },
      rules,
    });
    const fewer = rights().map((rule) => {
      const resources = field(rule, "resources");
      return Array.isArray(resources) && resources.includes("deployments")
        ? { ...rule, verbs: ["get", "list", "watch"] }
        : rule;
    });
    await lab.admin.apply(kinds.Role, namespace, role(fewer), person);
    await lab.admin.apply(boards, namespace, board("a", { replicas: 2 }), person);
    const refused = await until(lab.admin, boards, namespace, "a", has("Forbidden"));
    expect(conditionOf(refused, "Ready", "message")).toContain("deployments");
    expect(conditionOf(refused, "Ready", "message")).toContain("grant the operator this right");
    await eventually(async () =>
      (await lab.admin.list(kinds.Event, namespace)).items.some((event) => event["reason"] === "Forbidden"),
    );
    await lab.admin.apply(kinds.Role, namespace, role(rights()), person);
    // RBAC reaches the authorizer a moment later; a person who asks again is what ends the wait at once.
    await eventually(async () => {
      await lab.admin.mergePatch(
        boards,
        namespace,
        "a",
        { metadata: { annotations: { again: String(performance.now()) } } },
        person,
      );
      return isReady(await live(boards, namespace, "a"));
    });
    expect(await operator.end()).toBe(0);
  });

  test("is a child that the server refuses: its field is named, and nothing loops", async () => {
    const { namespace, operator: start } = await lab.room("refused");
    const operator = await start();
    await lab.admin.apply(boards, namespace, board("a", { archive: { size: "0" } }), person);
    const blocked = await until(lab.admin, boards, namespace, "a", has("ObjectRefused"));
    expect(conditionOf(blocked, "Stalled")).toBe("True");
    expect(conditionOf(blocked, "Ready", "message")).toContain("spec.resources");
    await quiet(namespace);
    await lab.admin.apply(boards, namespace, board("a", { archive: { size: "1Gi" } }), person);
    await until(lab.admin, boards, namespace, "a", isReady);
    expect(await operator.end()).toBe(0);
  });

  test("is spec.paused: nothing is changed until it is taken back", async () => {
    const { namespace, operator: start } = await lab.room("paused");
    const operator = await start();
    await readyBoard(namespace, "a");
    await lab.admin.apply(boards, namespace, board("a", { paused: true, text: "later" }), person);
    await until(lab.admin, boards, namespace, "a", (now) => conditionOf(now, "Paused") === "True");
    expect(String(field(await live(kinds.ConfigMap, namespace, "a-web"), "data", "index.html"))).toContain(
      "hello",
    );
    await lab.admin.apply(boards, namespace, board("a", { text: "later" }), person);
    await until(lab.admin, kinds.ConfigMap, namespace, "a-web", (now) =>
      String(field(now, "data", "index.html")).includes("later"),
    );
    await until(
      lab.admin,
      boards,
      namespace,
      "a",
      (now) => isReady(now) && conditionOf(now, "Paused") === undefined,
    );
    expect(await operator.end()).toBe(0);
  });
});

/** Together, as most of their time is the cluster's own: its garbage collector and its controllers look now and then. */
describe.concurrent("what goes", () => {
  test("leaves the claim of a deleted resource, and gives it to its successor", async () => {
    const { namespace, operator: start } = await lab.room("retain");
    const operator = await start();
    const first = await readyBoard(namespace, "a", { archive: { size: "1Gi" } });
    const claim = await live(kinds.PersistentVolumeClaim, namespace, "a-archive");
    await lab.admin.delete(boards, namespace, first.metadata);
    // The garbage collector learns of a new kind within half a minute.
    await eventually(
      async () => (await lab.admin.get(kinds.Deployment, namespace, "a-web")) === undefined,
      50_000,
    );
    await readyBoard(namespace, "a", { archive: { size: "1Gi" } });
    expect((await live(kinds.PersistentVolumeClaim, namespace, "a-archive")).metadata.uid).toBe(
      claim.metadata.uid,
    );
    expect(await operator.end()).toBe(0);
  });

  test("a token that is revoked and replaced is read again, and no change is missed", async () => {
    const { namespace, operator: start, kubeconfig } = await lab.room("token");
    const operator = await start();
    await readyBoard(namespace, "a");
    const fresh = await lab.token(namespace, "board-operator-second");
    const old = await live(kinds.Secret, namespace, "board-operator-token");
    await lab.admin.delete(kinds.Secret, namespace, old.metadata);
    await eventually(async () => await isRefused(kubeconfig));
    await writeFile(kubeconfig, (await readFile(kubeconfig, "utf8")).replace(/token: .*/, `token: ${fresh}`));
    await lab.admin.apply(boards, namespace, board("a", { text: "rotated" }), person);
    await until(lab.admin, kinds.ConfigMap, namespace, "a-web", (now) =>
      String(field(now, "data", "index.html")).includes("rotated"),
    );
    expect(await operator.end()).toBe(0);
  });

  test("a namespace that is taken down is left in peace", async () => {
    const home = await lab.room("home");
    const { namespace } = await lab.room("doomed");
    const operator = await home.operator({ env: { WATCH_NAMESPACE: "home,doomed" }, rightsIn: [namespace] });
    await readyBoard(namespace, "a");
    const { metadata } = await live(kinds.Namespace, undefined, namespace);
    await lab.admin.delete(kinds.Namespace, undefined, metadata);
    await eventually(
      async () => (await lab.admin.get(kinds.Namespace, undefined, namespace)) === undefined,
      40_000,
    );
    await readyBoard("home", "b");
    expect(await operator.end()).toBe(0);
  });
});

describe("faults", () => {
  test("SIGKILL at ten moments of an install ends in the same state as no SIGKILL", async () => {
    const { namespace, operator: start } = await lab.room("killed");
    const shape = async (name: string) =>
      JSON.stringify(
        await Promise.all(
          [kinds.ConfigMap, kinds.Deployment, kinds.Service].map(async (kind) => {
            const { metadata, data, spec } = await live(kind, namespace, `${name}-web`);
            return [
              metadata.generation,
              metadata.labels,
              metadata.ownerReferences?.length,
              data,
              kind === kinds.Deployment ? field(spec, "template") : undefined,
            ];
          }),
        ),
      )
        .replaceAll(name, "NAME")
        // Volumes are named by a hash of what they show.
        .replaceAll(/configmap-[0-9a-f]{8}/g, "configmap-HASH");
    const undisturbed = await start();
    await readyBoard(namespace, "calm");
    const calm = await shape("calm");
    await undisturbed.end();
    for (let round = 0; round < 10; round += 1) {
      const name = `wild${round}`;
      await lab.admin.apply(boards, namespace, board(name), person);
      const doomed = await start({ standby: true, env: { POD_NAME: `doomed-${round}` } });
      const dead = new Promise((resolve) => setTimeout(resolve, 40 + round * 25)).then(
        async () => await doomed.end("SIGKILL"),
      );
      await dead;
      await freeLease(namespace);
    }
    const last = await start();
    for (let round = 0; round < 10; round += 1) {
      // What the operator makes, not what the nodes make of it.
      await eventually(async () => (await shape(`wild${round}`).catch(() => "")) === calm).catch(
        () => undefined,
      );
      expect(await shape(`wild${round}`)).toBe(calm);
    }
    expect(await last.end()).toBe(0);
  });

  test("a restart of the API server misses no change", async () => {
    const { namespace, operator: start } = await lab.room("restart");
    const operator = await start();
    await readyBoard(namespace, "a");
    await lab.cluster.restartApiServer?.();
    await lab.admin.mergePatch(
      kinds.Service,
      namespace,
      "a-web",
      { metadata: { labels: { "app.kubernetes.io/part-of": "x" } } },
      person,
    );
    await until(
      lab.admin,
      kinds.Service,
      namespace,
      "a-web",
      (now) => now.metadata.labels?.["app.kubernetes.io/part-of"] === "board",
    );
    await lab.admin.apply(boards, namespace, board("a", { text: "after" }), person);
    await until(lab.admin, kinds.ConfigMap, namespace, "a-web", (now) =>
      String(field(now, "data", "index.html")).includes("after"),
    );
    expect(operator.process.exitCode).toBeNull();
    expect(await operator.end()).toBe(0);
  });

  test("a resource definition that goes and comes back is nothing to die of", async () => {
    const { namespace, operator: start } = await lab.room("crd");
    const operator = await start();
    await readyBoard(namespace, "a");
    const crd = await lab.admin.get(
      kinds.CustomResourceDefinition,
      undefined,
      boardDefinition.toCrd().metadata.name,
    );
    if (crd === undefined) throw new Error("no definition");
    await lab.admin.delete(kinds.CustomResourceDefinition, undefined, crd.metadata);
    await eventually(async () => {
      try {
        await lab.admin.list(boards, namespace);
        return false;
      } catch (error) {
        return isAnswer(error, "notServed");
      }
    });
    await installDefinitions(lab.admin, [boardDefinition]);
    expect(await operator.end()).toBe(0);
    const again = await start();
    await readyBoard(namespace, "b");
    expect(await again.end()).toBe(0);
  });
});

/** Who held the Lease, one after the other, until somebody named "second" did; empty: nobody. */
async function holdersSince(
  namespace: string,
  resourceVersion: string | undefined,
): Promise<readonly string[]> {
  const holders: string[] = [];
  const watched = {
    name: "board-operator-leader",
    timeoutSeconds: 200,
    signal: AbortSignal.timeout(200_000),
  };
  const since = resourceVersion === undefined ? {} : { resourceVersion };
  for await (const event of lab.admin.watch(kinds.Lease, namespace, { ...watched, ...since })) {
    if (!("object" in event)) continue;
    const holder = String(field(event.object, "spec", "holderIdentity")).split("_")[0] ?? "";
    if (holders.at(-1) !== holder) holders.push(holder);
    if (holder === "second") break;
  }
  return holders.filter((holder) => holder !== "first");
}

describe("two replicas", () => {
  test("hand over when one leaves, by a release, and when one dies, and never write at once", async () => {
    const { namespace, operator: start } = await lab.room("replicas");
    const first = await start({ env: { POD_NAME: "first" } });
    const second = await start({ standby: true, env: { POD_NAME: "second" } });
    await readyBoard(namespace, "a");
    const { metadata } = await live(kinds.Lease, namespace, "board-operator-leader");
    expect(await first.end()).toBe(0);
    await second.says('"msg":"leading"');
    expect(await holdersSince(namespace, metadata.resourceVersion)).toEqual(["", "second"]);
    const third = await start({ standby: true, env: { POD_NAME: "third" } });
    // Longer than a leader may go without renewal.
    const heldMs = (lease: LiveObject) =>
      Date.parse(String(field(lease, "spec", "renewTime"))) -
      Date.parse(String(field(lease, "spec", "acquireTime")));
    await until(
      lab.admin,
      kinds.Lease,
      namespace,
      "board-operator-leader",
      (lease) => heldMs(lease) > 12_000,
    );
    await second.end("SIGKILL");
    await third.says('"msg":"leading"');
    await lab.admin.apply(boards, namespace, board("a", { text: "third" }), person);
    await until(lab.admin, kinds.ConfigMap, namespace, "a-web", (now) =>
      String(field(now, "data", "index.html")).includes("third"),
    );
    expect(await third.end()).toBe(0);
  });
});

describe("a Lease that somebody deletes", () => {
  // A standby took it while its leader still wrote.
  test("is made again by its leader, who leads on", async () => {
    const { namespace, operator: start } = await lab.room("no-lease");
    const first = await start({ env: { POD_NAME: "first" } });
    const second = await start({ standby: true, env: { POD_NAME: "second" } });
    const mark = await lab.audit.mark();
    const looksOn = async (): Promise<boolean> =>
      (await lab.asked(mark, namespace)).some(
        ({ verb, resource }) => verb === "watch" && resource === "leases",
      );
    await eventually(looksOn);
    const { metadata } = await live(kinds.Lease, namespace, "board-operator-leader");
    await freeLease(namespace);
    const again = await until(
      lab.admin,
      kinds.Lease,
      namespace,
      "board-operator-leader",
      (lease) => lease.metadata.uid !== metadata.uid,
    );
    expect(String(field(again, "spec", "holderIdentity"))).toMatch(/^first_/);
    await readyBoard(namespace, "a");
    expect(await second.end()).toBe(0);
    expect(await first.end()).toBe(0);
  });
});

describe("a server that cannot stream what is present", () => {
  test("is listed and watched instead", async () => {
    const { namespace, operator: start, kubeconfig } = await lab.room("old");
    await using server = await openFront(kubeconfig, { isOld: true });
    await lab.admin.apply(boards, namespace, board("a"), person);
    const operator = await start({ kubeconfig: server.kubeconfig });
    await until(lab.admin, boards, namespace, "a", isReady);
    await readyBoard(namespace, "b");
    expect(await operator.end()).toBe(0);
  });
});

/** Last, as it judges what all tests above made the operator do. */
describe("rights", () => {
  test("are all used, and none is missing", async () => {
    const account = /^system:serviceaccount:[^:]+:board-operator$/;
    const { pairs, denied } = await rightsUsed(lab.cluster, account, "board-operator/");
    expect(pairsOf(rights()).filter((pair) => !pairs.has(pair))).toEqual([
      // No request: admission on OpenShift asks whether an owner reference may block the deletion of its owner.
      "update boards.example.zuul-pulp.io/finalizers",
    ]);
    // In these rooms they are taken away: by a person, and with the namespace.
    const isTakenAway = (one: string): boolean => / in (forbidden|doomed)$/.test(one);
    // A server that has just started refuses for a moment, until it has read the roles: what it grants afterwards.
    const isGrantedLater = (one: string): boolean => pairs.has(one.replace(/ in restart$/, ""));
    expect(denied.filter((one) => !isTakenAway(one) && !isGrantedLater(one))).toEqual([]);
  });
});

/** Whether the server takes the token in this file no more. */
async function isRefused(kubeconfig: string): Promise<boolean> {
  const { client, close } = await connect({ kubeconfig, userAgent: "api-test" });
  try {
    await client.read("/version");
    return false;
  } catch (error) {
    return isAnswer(error, "unauthorized");
  } finally {
    close();
  }
}

/** As if fifteen seconds had passed: the next process need not wait for the dead one. */
async function freeLease(namespace: string): Promise<void> {
  const lease = await lab.admin.get(kinds.Lease, namespace, "board-operator-leader");
  if (lease !== undefined) await lab.admin.delete(kinds.Lease, namespace, lease.metadata);
}
