/** What the kernel knows about a process. I/O: reads /proc. */
import { readFile } from "node:fs/promises";

/** Resident memory now, in MB of a million bytes. @throws Error when the process is gone */
export async function residentMb(pid: number): Promise<number> {
  const status = await readFile(`/proc/${pid}/status`, "utf8");
  const kib = /^VmRSS:\s+(\d+) kB$/m.exec(status)?.[1];
  if (kib === undefined) throw new Error(`Process ${pid} has no memory: it ended`);
  return (Number(kib) * 1024) / 1e6;
}

/** Linux counts in hundredths of a second, on every architecture that Node runs on. */
const tickMs = 10;

/** CPU time used so far, user and system. */
export async function cpuMs(pid: number): Promise<number> {
  const stat = await readFile(`/proc/${pid}/stat`, "utf8");
  // The name in brackets may hold blanks; user and system time are the 12th and 13th word behind it.
  const words = stat.slice(stat.lastIndexOf(")") + 2).split(" ");
  return (Number(words[11]) + Number(words[12])) * tickMs;
}
