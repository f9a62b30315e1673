/** What a watch can do to its reader. */
import type { Fault, WatchLine } from "./fault.ts";

const gone = {
  type: "ERROR",
  object: {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: "too old resource version",
    reason: "Expired",
    code: 410,
  },
};

const lineFault = (name: string, meaning: string, line: (watch: WatchLine) => Promise<void>): Fault => ({
  name,
  group: "watch",
  hits: ["watch"],
  meaning,
  line,
});

export const faults: readonly Fault[] = [
  lineFault("watch-410", "the version has become too old in the middle of a watch", async (watch) => {
    watch.send(Buffer.from(`${JSON.stringify(gone)}\n`));
    watch.end();
  }),
  lineFault("watch-end", "the server ends the watch just before an event", async (watch) => watch.end()),
  lineFault("watch-cut", "the watch breaks off in the middle of a line", async (watch) => {
    watch.send(watch.line.subarray(0, Math.floor(watch.line.length / 2)));
    watch.drop();
  }),
  lineFault("watch-broken", "a line that is no JSON", async (watch) => {
    watch.send(Buffer.from('{"type":"MODIFIED","object":{\n'));
    watch.end();
  }),
  lineFault("watch-twice", "an event comes twice", async (watch) => {
    watch.send(watch.line);
    watch.send(watch.line);
  }),
  lineFault("watch-late", "events are held back for two seconds: a lagging watch cache", async (watch) =>
    watch.hold(2000),
  ),
];
