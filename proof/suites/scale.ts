/**
 * Many resources of one operator in one namespace: memory, how fast a change is applied among them, refusals by the
 * server's flow control, and a restart that must write nothing. `--count` says how many; the design asks for 1000.
 */
import { kinds } from "@zuul-pulp/k8s-core";
import { conditionOf, eventually } from "../../e2e/lab/look.ts";
import { person } from "../../e2e/lab/person.ts";
import { residentMb } from "../../e2e/lab/usage.ts";
import { productOf } from "../lab/products.ts";
import { writing } from "../proxy/call.ts";
import type { Seen } from "../proxy/proxy.ts";
import { check, type Suite } from "./suite.ts";

const edits = 100;
const latencyMs = 2000;
const memoryMb = 512;
const atOnce = 20;
const hours = 3_600_000;
/** A look at a thousand resources costs the server more than a pass over one. */
const lookMs = 2000;

/** About twenty children: no cache, no nginx, and a database of somebody else's. */
const spec = {
  api: { replicas: 1 },
  content: { replicas: 1 },
  worker: { replicas: 1 },
  database: { secretName: "database" },
  cache: { enabled: false },
  storage: { filesystem: { size: "1Gi", accessMode: "ReadWriteMany" } },
  expose: { type: "None" },
};

const database = {
  host: "db.example.org",
  port: "5432",
  user: "pulp",
  password: "a-password",
  dbname: "pulp",
  sslmode: "prefer",
};

export const suite: Suite = {
  name: "scale",
  meaning: "a thousand resources and twenty thousand children under one operator",
  short: { count: 10, isShort: true },
  run: async (lab, report, operators, { count = 1000, isShort = false }) => {
    if (!operators.includes("pulp")) return;
    const room = await lab.room(productOf("pulp"));
    await room.leads();
    const { admin, namespace, product, proxy } = room;
    const secret = {
      apiVersion: "v1",
      kind: "Secret",
      metadata: { name: "database", namespace },
      stringData: database,
    };
    await admin.apply(kinds.Secret, namespace, secret, person);
    const names = Array.from({ length: count }, (_, number) => `s${number}`);
    const waiting = async (): Promise<number> => {
      const { items } = await admin.list(product.resource, namespace);
      return items.filter((live) => conditionOf(live, "Ready", "reason") !== "WaitingForPulp").length;
    };

    await check(report, `${count} installed`, async () => {
      const startedMs = performance.now();
      proxy.begin("");
      for (let at = 0; at < count; at += atOnce)
        await Promise.all(
          names.slice(at, at + atOnce).map((name) => {
            const { apiVersion, kind } = product.resource;
            return admin.apply(
              product.resource,
              namespace,
              { apiVersion, kind, metadata: { name, namespace }, spec },
              person,
            );
          }),
        );
      await eventually(async () => proxy.quietMs > 3000 && (await waiting()) === 0, 2 * hours, lookMs);
      const made = proxy.seen.filter(({ status, call }) => status === 201 && call.plural !== "events").length;
      const seconds = Math.round((performance.now() - startedMs) / 1000);
      return { problems: refusals(proxy.seen), figure: `${made} objects in ${seconds} s` };
    });

    await check(report, `${count} in memory`, async () => {
      const mb = Math.round(await residentMb(room.operator.pid));
      const problems = mb > memoryMb ? [`${mb} MB are resident, at most ${memoryMb} MB are allowed`] : [];
      return { problems, figure: `${mb} MB (at most ${memoryMb} MB)` };
    });

    await check(report, `a change among ${count}`, async () => {
      const took: number[] = [];
      for (let edit = 0; edit < edits; edit += 1) {
        const name = names[(edit * 7919) % names.length] ?? "s0";
        // Odd for the first time that it is this one's turn: the replicas that it has are no change.
        const turn = Math.floor(edit / names.length) + 1;
        proxy.begin(name);
        const sentMs = performance.now();
        await admin.mergePatch(product.resource, namespace, name, product.edit(turn), person);
        const first = (): Seen | undefined =>
          proxy.seen.find(({ call }) => call.verb === "apply" && call.name.startsWith(`${name}-`));
        await eventually(async () => first() !== undefined, 60_000);
        took.push((first()?.atMs ?? 0) - sentMs);
      }
      const sorted = took.toSorted((a, b) => a - b);
      const p99 = sorted[Math.ceil(sorted.length * 0.99) - 1] ?? 0;
      const median = sorted[Math.floor(sorted.length / 2)] ?? 0;
      // Beside everything else that a gate does at once, a clock tells of the machine, not of the operator.
      const problems =
        p99 > latencyMs && !isShort
          ? [`p99 is ${Math.round(p99)} ms, at most ${latencyMs} ms are allowed`]
          : [];
      const figure = `p50 ${Math.round(median)} ms, p99 ${Math.round(p99)} ms of ${edits} (at most ${latencyMs} ms)`;
      return { problems: [...problems, ...refusals(proxy.seen)], figure };
    });

    await check(report, `a restart beside ${count}`, async () => {
      await eventually(async () => proxy.quietMs > 3000 && (await waiting()) === 0, hours, lookMs);
      proxy.begin("");
      const startedMs = performance.now();
      await room.kill();
      await room.leads();
      const seconds = ((performance.now() - startedMs) / 1000).toFixed(1);
      await eventually(async () => proxy.quietMs > 3000, hours);
      const written = proxy.seen.filter(({ call }) => writing.has(call.verb) && call.plural !== "leases");
      const problems = written.slice(0, 10).map(({ call }) => `the new process wrote ${call.key}`);
      return {
        problems: [...problems, ...refusals(proxy.seen)],
        figure: `leads after ${seconds} s, writes nothing`,
      };
    });
    await room[Symbol.asyncDispose]();
  },
};

/** Requests that the server's flow control refused. */
function refusals(seen: readonly Seen[]): readonly string[] {
  const refused = seen.filter(({ status }) => status === 429).length;
  return refused === 0 ? [] : [`${refused} requests were answered 429`];
}
