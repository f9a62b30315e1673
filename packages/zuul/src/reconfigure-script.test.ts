/// <reference types="node" />
import { type ChildProcess, spawn } from "node:child_process";
import { mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { createServer as createHttp, type Server as HttpServer } from "node:http";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, describe, expect, test } from "vitest";
import { reconfigureScript } from "./reconfigure-script.ts";

/** A scheduler as far as the script sees one: a socket that takes lines, and a health page. */
class Scheduler {
  readonly lines: string[] = [];
  isReady = true;
  folder = "";
  #socket: Server | undefined;
  #health: HttpServer | undefined;
  #script: ChildProcess | undefined;
  #wake: () => void = () => {};

  async start(): Promise<void> {
    this.folder = await mkdtemp(join(tmpdir(), "scheduler-"));
    await this.restart();
    this.#health = createHttp((_, answer) => answer.writeHead(this.isReady ? 200 : 503).end());
    await new Promise<void>((done) => this.#health?.listen(0, "127.0.0.1", done));
  }
  async restart(): Promise<void> {
    if (this.#socket !== undefined) await new Promise((done) => this.#socket?.close(done));
    this.#socket = createServer((client) => {
      client.on("data", (text) => {
        this.lines.push(text.toString());
        this.#wake();
      });
    });
    await new Promise<void>((done) => this.#socket?.listen(join(this.folder, "scheduler.socket"), done));
  }
  /** At once, as kubelet swaps a volume: a half-written mark would be a change of its own. */
  async mark(text: string): Promise<void> {
    const next = join(this.folder, "next-mark");
    await writeFile(next, text);
    await rename(next, join(this.folder, "mark"));
  }
  run(hostname: string): void {
    const address = this.#health?.address();
    const port = typeof address === "object" && address !== null ? address.port : 0;
    const script = reconfigureScript.replace("socket.gethostname()", JSON.stringify(hostname));
    const argv = [
      join(this.folder, "mark"),
      join(this.folder, "scheduler.socket"),
      `http://127.0.0.1:${port}/health/ready`,
      "0.02",
    ];
    this.#script = spawn("python3", ["-c", script, ...argv], { stdio: ["ignore", "ignore", "inherit"] });
  }
  async heard(count: number): Promise<readonly string[]> {
    while (this.lines.length < count) await new Promise<void>((wake) => (this.#wake = wake));
    return this.lines;
  }
  async stop(): Promise<number | null> {
    const exit = new Promise<number | null>((done) => this.#script?.once("exit", (code) => done(code)));
    this.#script?.kill("SIGTERM");
    const code = await exit;
    await new Promise((done) => this.#socket?.close(done));
    await new Promise((done) => this.#health?.close(done));
    await rm(this.folder, { recursive: true });
    return code;
  }
}

describe("reconfigureScript", () => {
  let scheduler: Scheduler;
  afterEach(async () => {
    await scheduler.stop();
  });

  test("tells the scheduler once at its start, once per change and once after a restart, and ends on SIGTERM", async () => {
    scheduler = new Scheduler();
    await scheduler.start();
    await scheduler.mark("one");
    scheduler.run("zuul-scheduler-0");
    expect(await scheduler.heard(1)).toEqual(["smart-reconfigure\n"]);
    await scheduler.mark("two");
    expect(await scheduler.heard(2)).toHaveLength(2);
    await scheduler.restart();
    expect(await scheduler.heard(3)).toHaveLength(3);
    // Many rounds later nothing was added.
    await scheduler.mark("three");
    expect(await scheduler.heard(4)).toHaveLength(4);
  });
});
