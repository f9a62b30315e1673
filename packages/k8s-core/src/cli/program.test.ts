import { afterEach, beforeEach, describe, expect, test, vi } from "vitest";
import { exitCodes } from "./exit-codes.ts";
import { runCli } from "./program.ts";

const operator = {
  name: "board-operator",
  product: "Board",
  version: "1.0.0",
  image: "example.org/board-operator",
  controllers: [],
  definitions: [],
  grants: [],
};

let said = "";
beforeEach(() => {
  said = "";
  const keep = (text: string | Uint8Array): boolean => {
    said += String(text);
    return true;
  };
  vi.spyOn(process.stderr, "write").mockImplementation(keep);
  vi.spyOn(process.stdout, "write").mockImplementation(keep);
});
afterEach(() => {
  vi.restoreAllMocks();
  vi.unstubAllEnvs();
});

/** Splits at blanks. */
const cli = (line: string): Promise<number> => runCli(operator, line.split(" "));

describe("a wrong use", () => {
  test.each([
    ["", "Usage: board-operator"],
    ["nonsense", "unknown command 'nonsense'"],
    ["run --nonsense", "unknown option '--nonsense'"],
    ["run --metrics-port soon", "--metrics-port <port>' argument 'soon' is invalid"],
    ["run --health-port 70000", "whole number from -1 to 65535"],
    ["run --check-caches -5", "whole number of at least 0"],
    ["run --log-level loud", "Allowed choices are debug, info, warn, error"],
    ["run --watch No_Good", "--watch takes own, all or names of namespaces"],
    ["render", "'-f, --filename <file...>' not specified"],
    ["render -f x.yaml -o xml", "Allowed choices are yaml, json"],
    ["install --replicas many --print", "whole number of at least 1"],
    ["install --timeout soon", "Write 90s, 15m or 1h30m"],
    ["wait", "missing required argument 'name'"],
    ["wait a --timeout 5x", "Write 90s, 15m or 1h30m"],
    ["status a -o yaml", "Allowed choices are text, json"],
  ])("%j says so before anything else, and ends with 2", async (line, words) => {
    // A cluster would be looked for in vain, and that is another code.
    vi.stubEnv("KUBECONFIG", "/nonexistent");
    expect(await runCli(operator, line === "" ? [] : line.split(" "))).toBe(exitCodes.usage);
    expect(said).toContain(words);
    expect(said).not.toMatch(/^ +at /m);
  });
});

describe("without a cluster", () => {
  test.each(["run", "status a", "wait a", "report a", "install", "uninstall"])(
    "%s ends with 3",
    async (line) => {
      expect(await cli(`${line} --kubeconfig /nonexistent`)).toBe(exitCodes.unreachable);
      expect(said).toContain(
        "board-operator: Cannot reach the cluster: ENOENT: no such file or directory, open '/nonexistent'. " +
          "Check KUBECONFIG, --kubeconfig or --context\n",
      );
    },
  );

  test("and without a kubeconfig it says that there is none", async () => {
    vi.stubEnv("KUBECONFIG", undefined);
    vi.stubEnv("KUBERNETES_SERVICE_HOST", undefined);
    vi.stubEnv("HOME", "/nonexistent");
    expect(await cli("status a")).toBe(exitCodes.unreachable);
    expect(said).toContain("Cannot reach the cluster: no kubeconfig names a cluster.");
  });

  test.each([
    ["HEALTH_PORT", "soon", "--health-port <port>' value 'soon' from env 'HEALTH_PORT' is invalid"],
    ["LOG_LEVEL", "loud", "--log-level <level>' value 'loud' from env 'LOG_LEVEL' is invalid"],
  ])("run reads %s", async (variable, value, words) => {
    vi.stubEnv(variable, value);
    expect(await cli("run --kubeconfig /nonexistent")).toBe(exitCodes.usage);
    expect(said).toContain(words);
  });

  test("run names the variable that is malformed", async () => {
    vi.stubEnv("WATCH_NAMESPACE", "No_Good");
    expect(await cli("run --kubeconfig /nonexistent")).toBe(exitCodes.usage);
    expect(said).toContain('WATCH_NAMESPACE: "No_Good" cannot be the name of a namespace');
  });
});
