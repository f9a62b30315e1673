import { describe, expect, test } from "vitest";
import { Metrics } from "./metrics.ts";

const page = async (metrics: Metrics, name: string): Promise<readonly string[]> =>
  (await metrics.registry.metrics()).split("\n").filter((line) => line.startsWith(name));

describe("Metrics", () => {
  test("tells for how long the passes under way have been so, at the time when it is asked", async () => {
    const metrics = new Metrics("zuul-operator");
    let ages: readonly number[] = [];
    metrics.watchQueue("zuul", () => ages);
    metrics.watchQueue("other", () => [500]);
    expect(await page(metrics, "workqueue_longest_running_processor_seconds")).toEqual([
      'workqueue_longest_running_processor_seconds{name="zuul"} 0',
      'workqueue_longest_running_processor_seconds{name="other"} 0.5',
    ]);
    ages = [1000, 3000];
    expect(await page(metrics, "workqueue_unfinished_work_seconds")).toContain(
      'workqueue_unfinished_work_seconds{name="zuul"} 4',
    );
    expect(await page(metrics, "workqueue_longest_running_processor_seconds")).toContain(
      'workqueue_longest_running_processor_seconds{name="zuul"} 3',
    );
  });

  test("shows when a certificate ends as long as somebody uses it", async () => {
    const metrics = new Metrics("pulp-operator");
    metrics.certificate("ns", "tls", 1_800_000_000_000);
    const name = "pulp_operator_certificate_expiry_seconds";
    expect(await page(metrics, name)).toEqual([`${name}{namespace="ns",name="tls"} 1800000000`]);
    metrics.certificate("ns", "tls", undefined);
    expect(await page(metrics, name)).toEqual([]);
  });

  test("begins to count what must stay zero at zero", async () => {
    const metrics = new Metrics("pulp-operator");
    metrics.missed("Secret", 0);
    metrics.watchBroken("Pod");
    expect(await page(metrics, "pulp_operator_cache_misses_total")).toEqual([
      'pulp_operator_cache_misses_total{kind="Secret"} 0',
    ]);
    expect(await page(metrics, "pulp_operator_watch_parse_errors_total")).toEqual([
      'pulp_operator_watch_parse_errors_total{kind="Pod"} 1',
    ]);
  });
});
