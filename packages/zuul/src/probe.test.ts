import { describe, expect, test } from "vitest";
import { type GetJson, probeZuul } from "./probe.ts";

/** Answers as zuul-web 14.3.0 gives them, by path. */
const answering =
  (answers: Readonly<Record<string, unknown>>): GetJson =>
  async (path) => {
    if (!(path in answers)) throw new Error(`404 ${path}`);
    return answers[path];
  };

/** Without warnings, which would hide the errors behind them where there are many. */
const errorsOf = (tenant: string): string => `/api/tenant/${tenant}/config-errors?severity=error&limit=500`;

const components = {
  scheduler: [{ hostname: "zuul-scheduler-0", state: "running", version: "14.3.0" }],
  executor: [
    { hostname: "b", state: "paused", version: "14.3.0" },
    { hostname: "a", state: "running", version: "14.2.0" },
  ],
};

/** As zuul-web answered for a project that the tenant does not have. */
const error = {
  source_context: { project: "project-config", branch: "main", path: "zuul.yaml" },
  error:
    "Zuul encountered a syntax error while parsing its\nconfiguration in the repo project-config on branch main.  The\n" +
    'problem was:\n\n  The project "sandbox" was not found.  All projects referenced within a\n  Zuul configuration must\n\n' +
    'The problem appears in the "sandbox" project stanza:\n\n  project:\n      name: sandbox\n\n' +
    '  in "project-config/zuul.yaml@main", line 14',
  short_error:
    'The project "sandbox" was not found.  All projects referenced within a\nZuul configuration must',
  severity: "error",
  name: "Project Not Found",
};

const shown = {
  project: "project-config",
  file: "zuul.yaml (main)",
  line: 14,
  message: 'The project "sandbox" was not found. All projects referenced within a Zuul configuration must',
};

describe("probeZuul()", () => {
  test("reads components and, of each tenant, the first errors with project, file and line", async () => {
    const facts = await probeZuul(
      answering({
        "/api/components": components,
        "/api/tenants": [{ name: "two" }, { name: "one/x" }],
        [errorsOf("two")]: Array.from({ length: 12 }, () => error),
        [errorsOf("one%2Fx")]: [],
      }),
    );
    expect(facts.programs?.map(({ kind, hostname, state }) => `${kind} ${hostname} ${state}`)).toEqual([
      "executor a running",
      "executor b paused",
      "scheduler zuul-scheduler-0 running",
    ]);
    expect(facts.tenants).toEqual([
      { name: "one/x", errors: { count: 0, first: [] } },
      { name: "two", errors: { count: 12, first: Array.from({ length: 10 }, () => shown) } },
    ]);
  });

  test("has nothing to say when web does not answer", async () => {
    await expect(probeZuul(answering({}))).rejects.toThrow("404 /api/components");
  });

  test("leaves out what Zuul does not tell strangers", async () => {
    const [open, closed] = [errorsOf("open"), errorsOf("closed")];
    const tenants = { "/api/components": undefined, "/api/tenants": [{ name: "open" }, { name: "closed" }] };
    expect(await probeZuul(answering({ ...tenants, [open]: [], [closed]: undefined }))).toEqual({
      tenants: [{ name: "closed" }, { name: "open", errors: { count: 0, first: [] } }],
    });
    expect(await probeZuul(answering({ "/api/components": undefined, "/api/tenants": undefined }))).toEqual(
      {},
    );
  });

  test("takes no answer about a tenant for none, and not for the absence of errors", async () => {
    const one = { "/api/components": {}, "/api/tenants": [{ name: "one" }] };
    await expect(probeZuul(answering(one))).rejects.toThrow("404 /api/tenant/one/config-errors");
  });

  test("is not silenced by one tenant of which web cannot speak", async () => {
    const two = { "/api/components": {}, "/api/tenants": [{ name: "one" }, { name: "two" }] };
    expect(await probeZuul(answering({ ...two, [errorsOf("two")]: [] }))).toEqual({
      programs: [],
      tenants: [{ name: "one" }, { name: "two", errors: { count: 0, first: [] } }],
    });
  });

  test("survives answers of another shape", async () => {
    const odd = {
      "/api/components": { web: "?" },
      "/api/tenants": [{ name: "t" }, {}, null],
      [errorsOf("t")]: "?",
    };
    expect(await probeZuul(answering(odd))).toEqual({
      programs: [],
      tenants: [{ name: "t", errors: { count: 0, first: [] } }],
    });
  });
});
