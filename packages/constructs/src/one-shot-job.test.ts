import { describe, expect, test } from "vitest";
import { at, container, manifestsOf, only, web } from "./constructs.builders.ts";
import { OneShotJob } from "./one-shot-job.ts";

const job = () =>
  only(
    manifestsOf(
      (scope) =>
        new OneShotJob(scope, "j", {
          name: "ci-migrate-0a1b2c3d",
          member: web,
          pod: { containers: [container({ name: "migrate" })] },
          onExit: [{ codes: [75], action: "ignore" }],
        }),
    ),
    "Job",
  );

describe("OneShotJob", () => {
  test("keeps failed pods, so that their log can be read", () => {
    expect(at(job(), "spec.template.spec.restartPolicy")).toBe("Never");
    expect(at(job(), "spec")).not.toHaveProperty("ttlSecondsAfterFinished");
  });

  test("can try again without counting when the exit code says so", () => {
    expect(at(job(), "spec.podFailurePolicy.rules")).toEqual([
      { action: "Ignore", onExitCodes: { containerName: "migrate", operator: "In", values: [75] } },
    ]);
  });
});
