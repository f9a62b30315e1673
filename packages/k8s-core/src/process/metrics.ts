/** Figures under the names that existing dashboards know, and our own. Holds the registry. */
import { collectDefaultMetrics, Counter, Gauge, Histogram, Registry } from "prom-client";

export type PassResult = "success" | "error" | "requeue" | "requeue_after";

const seconds = [0.001, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60, 120];

export class Metrics {
  readonly registry = new Registry();
  readonly #prefix: string;

  /** @param operator `zuul-operator` gives the prefix `zuul_operator_` */
  constructor(operator: string) {
    this.#prefix = operator.replace(/[^a-z0-9]/g, "_");
    collectDefaultMetrics({ register: this.registry });
  }

  readonly #counters = new Map<string, Counter>();
  readonly #gauges = new Map<string, Gauge>();
  readonly #histograms = new Map<string, Histogram>();
  readonly #series = new Map<string, Map<string, { series: string; labels: Record<string, string> }>>();

  pass(controller: string, result: PassResult, tookMs: number): void {
    this.#count("controller_runtime_reconcile_total", "Passes by result", { controller, result });
    if (result === "error")
      this.#count("controller_runtime_reconcile_errors_total", "Passes that failed", { controller });
    this.#time(
      "controller_runtime_reconcile_time_seconds",
      "Time of one pass",
      { controller },
      tookMs / 1000,
    );
    this.#time("workqueue_work_duration_seconds", "Time of one pass", { name: controller }, tookMs / 1000);
  }

  /** A pass that only a change of the spec can help. */
  terminal(controller: string): void {
    this.#count("controller_runtime_terminal_reconcile_errors_total", "Passes that a person must help", {
      controller,
    });
  }

  panic(controller: string): void {
    this.#count("controller_runtime_reconcile_panics_total", "Passes that threw something unexpected", {
      controller,
    });
  }

  timedOut(controller: string): void {
    this.#count("controller_runtime_reconcile_timeouts_total", "Passes that took too long", { controller });
  }

  workers(controller: string, active: number, most: number): void {
    this.#set("controller_runtime_active_workers", "Passes under way", { controller }, active);
    this.#set("controller_runtime_max_concurrent_reconciles", "Passes allowed at once", { controller }, most);
  }

  queue(name: string, depth: number): void {
    this.#set("workqueue_depth", "Keys that wait", { name }, depth);
  }

  queued(name: string): void {
    this.#count("workqueue_adds_total", "Keys added", { name });
  }

  retried(name: string): void {
    this.#count("workqueue_retries_total", "Keys added after a failure", { name });
  }

  waited(name: string, ms: number): void {
    this.#time("workqueue_queue_duration_seconds", "Time from adding to the pass", { name }, ms / 1000);
  }

  request(host: string, method: string, code: number, took: number): void {
    this.#count("rest_client_requests_total", "Requests to the API server", {
      code: code === 0 ? "<error>" : String(code),
      method,
      host,
    });
    this.#time(
      "rest_client_request_duration_seconds",
      "Time until the answer began",
      { verb: method, host },
      took,
    );
  }

  leading(name: string, isLeading: boolean): void {
    this.#set("leader_election_master_status", "1 while this process leads", { name }, isLeading ? 1 : 0);
  }

  resource(kind: string, namespace: string, name: string, version: string, ready: boolean): void {
    const of = { kind, namespace, name };
    this.#ofResource("resource_info", "Resources", of, { version }, 1, true);
    this.#ofResource("ready", "1 when the resource is ready", of, {}, ready ? 1 : 0);
  }

  condition(kind: string, namespace: string, name: string, type: string, status: string): void {
    for (const one of ["True", "False", "Unknown"])
      this.#ofResource(
        "condition",
        "Conditions",
        { kind, namespace, name },
        { type, status: one },
        one === status ? 1 : 0,
      );
  }

  suspended(kind: string, namespace: string, name: string, isPaused: boolean): void {
    this.#ofResource(
      "reconcile_suspended",
      "1 while paused",
      { kind, namespace, name },
      {},
      isPaused ? 1 : 0,
    );
  }

  /** A resource that is gone leaves no series. */
  forget(kind: string, namespace: string, name: string): void {
    const key = `${kind}/${namespace}/${name}`;
    for (const { series, labels } of this.#series.get(key)?.values() ?? [])
      this.#gauges.get(series)?.remove(labels);
    this.#series.delete(key);
  }

  applied(result: string): void {
    this.#count(`${this.#prefix}_apply_total`, "Objects by what was done", { result });
    if (result === "repaired")
      this.#count(`${this.#prefix}_drift_corrections_total`, "Foreign edits undone", {});
  }

  /** A gauge that is asked when it is read: for how long the keys under way have been so. */
  watchQueue(name: string, inFlightMs: () => readonly number[]): void {
    const gauge = (metric: string, help: string, seconds: (each: readonly number[]) => number): void => {
      this.#askedFor.set(`${metric} ${name}`, { name, seconds: () => seconds(inFlightMs()) / 1000 });
      if (this.#gauges.has(metric)) return;
      const asked = this.#askedFor;
      const made = new Gauge({
        name: metric,
        help,
        labelNames: ["name"],
        registers: [this.registry],
        collect() {
          for (const [id, one] of asked)
            if (id.startsWith(`${metric} `)) this.set({ name: one.name }, one.seconds());
        },
      });
      this.#gauges.set(metric, made);
    };
    gauge(
      "workqueue_unfinished_work_seconds",
      "Time that passes under way have taken so far, in all",
      (each) => each.reduce((sum, ms) => sum + ms, 0),
    );
    gauge(
      "workqueue_longest_running_processor_seconds",
      "Time that the longest pass under way has taken",
      (each) => Math.max(0, ...each),
    );
  }

  readonly #askedFor = new Map<string, { readonly name: string; readonly seconds: () => number }>();

  watchBroken(kind: string): void {
    this.#count(`${this.#prefix}_watch_parse_errors_total`, "Lines of a watch that were no JSON", { kind });
  }

  /** Counts from zero, so that a dashboard sees a figure that must stay there. */
  missed(kind: string, objects: number): void {
    this.#count(
      `${this.#prefix}_cache_misses_total`,
      "Objects that a comparison found on the server and not in the cache",
      { kind },
      objects,
    );
  }

  /** @param endsMs of the first certificate in the Secret; `undefined`: it is gone, or holds none */
  certificate(namespace: string, name: string, endsMs: number | undefined): void {
    const metric = `${this.#prefix}_certificate_expiry_seconds`;
    if (endsMs === undefined) return this.#gauges.get(metric)?.remove({ namespace, name });
    const help = "When the certificate in a Secret that is used ends, in seconds since the epoch";
    this.#set(metric, help, { namespace, name }, endsMs / 1000);
  }

  watchRestarted(kind: string, why: string): void {
    this.#count(`${this.#prefix}_watch_restarts_total`, "Watches begun anew after a failure", { kind, why });
  }

  #ofResource(
    name: string,
    help: string,
    resource: { readonly kind: string; readonly namespace: string; readonly name: string },
    more: Readonly<Record<string, string>>,
    value: number,
    isOnly = false,
  ): void {
    const series = `${this.#prefix}_${name}`;
    const labels = { ...resource, ...more };
    const key = `${resource.kind}/${resource.namespace}/${resource.name}`;
    const known =
      this.#series.get(key) ?? new Map<string, { series: string; labels: Record<string, string> }>();
    // A label that may change its value, such as the version, leaves no old series behind.
    const id = isOnly ? series : `${series}${JSON.stringify(more)}`;
    const before = known.get(id);
    if (before !== undefined && JSON.stringify(before.labels) !== JSON.stringify(labels))
      this.#gauges.get(series)?.remove(before.labels);
    this.#series.set(key, known.set(id, { series, labels }));
    this.#set(series, help, labels, value);
  }

  #count(name: string, help: string, labels: Readonly<Record<string, string>>, by = 1): void {
    let counter = this.#counters.get(name);
    if (counter === undefined) {
      counter = new Counter({ name, help, labelNames: Object.keys(labels), registers: [this.registry] });
      this.#counters.set(name, counter);
    }
    counter.inc(labels, by);
  }

  #set(name: string, help: string, labels: Readonly<Record<string, string>>, value: number): void {
    let gauge = this.#gauges.get(name);
    if (gauge === undefined) {
      gauge = new Gauge({ name, help, labelNames: Object.keys(labels), registers: [this.registry] });
      this.#gauges.set(name, gauge);
    }
    gauge.set(labels, value);
  }

  #time(name: string, help: string, labels: Readonly<Record<string, string>>, value: number): void {
    let histogram = this.#histograms.get(name);
    if (histogram === undefined) {
      histogram = new Histogram({
        name,
        help,
        labelNames: Object.keys(labels),
        buckets: seconds,
        registers: [this.registry],
      });
      this.#histograms.set(name, histogram);
    }
    histogram.observe(labels, value);
  }
}
