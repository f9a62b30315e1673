/// <reference types="node" />
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, expect, test } from "vitest";
import { runnerScript } from "./runner-script.ts";

const open: { stop(): Promise<void> }[] = [];
afterEach(async () => {
  for (const one of open.splice(0)) await one.stop();
});

/** A port that takes connections, as far as the script sees ZooKeeper. */
async function zookeeper(): Promise<{ port: number; close(): Promise<void> }> {
  const server: Server = createServer((client) => client.destroy());
  await new Promise<void>((done) => server.listen(0, "127.0.0.1", done));
  const address = server.address();
  const close = (): Promise<void> => new Promise((done) => server.close(() => done()));
  open.push({ stop: close });
  return { port: typeof address === "object" && address !== null ? address.port : 0, close };
}

/** Runs the script around a program that says "up", and "stopping" on SIGTERM. */
async function executor(hosts: string, onStop: "exits" | "hangs", patience: string) {
  const folder = await mkdtemp(join(tmpdir(), "executor-"));
  await writeFile(join(folder, "zuul.conf"), `[zookeeper]\nhosts=${hosts}\n`);
  const program = `import signal, sys
def stop(*_):
    print("stopping", flush=True)
    ${onStop === "exits" ? "sys.exit(7)" : "pass"}
signal.signal(signal.SIGTERM, stop)
print("up", flush=True)
while True: signal.pause()`;
  const argv = ["-c", runnerScript, join(folder, "zuul.conf"), patience, "0.02", "python3", "-c", program];
  const child: ChildProcess = spawn("python3", argv, { stdio: ["ignore", "pipe", "inherit"] });
  let output = "";
  let wake = (): void => {};
  child.stdout?.on("data", (text: Buffer) => {
    output += text.toString();
    wake();
  });
  const exit = new Promise<number | null>((done) => child.once("exit", (code) => done(code)));
  open.push({
    stop: async () => {
      child.kill("SIGKILL");
      await rm(folder, { recursive: true });
    },
  });
  const says = async (line: string): Promise<void> => {
    while (!output.includes(line)) await new Promise<void>((done) => (wake = done));
  };
  await says("up\n");
  return { child, exit, says, output: () => output };
}

test("a stop is handed on, and the exit code handed back", async () => {
  const { port } = await zookeeper();
  const running = await executor(`127.0.0.1:1,127.0.0.1:${port}/zuul`, "exits", "60");
  running.child.kill("SIGTERM");
  expect(await running.exit).toBe(7);
  expect(running.output()).toBe("up\nstopping\n");
});

test("a draining executor is ended once ZooKeeper stays away", async () => {
  const { port, close } = await zookeeper();
  const running = await executor(`127.0.0.1:${port}`, "hangs", "0.1");
  running.child.kill("SIGTERM");
  await running.says("stopping\n");
  await close();
  expect(await running.exit).toBe(128 + 9);
  expect(running.output()).toContain("ZooKeeper does not answer");
});

test("without ZooKeeper the stop is not handed on, because that would be lost: the executor is ended", async () => {
  const { port, close } = await zookeeper();
  await close();
  const running = await executor(`127.0.0.1:${port}`, "exits", "0.1");
  running.child.kill("SIGTERM");
  expect(await running.exit).toBe(128 + 9);
  expect(running.output()).not.toContain("stopping");
});
