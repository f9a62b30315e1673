/**
 * Plain TCP in front of the proxy's TLS server, so that a connection can fall silent as a half-open one does: not even
 * a PING is answered, and nobody is told.
 */
import { connect, createServer, type Server, type Socket } from "node:net";

export interface Relay {
  readonly port: number;
  /** @param port the one from which the server behind sees the connection come */
  freeze(port: number): void;
  /** Destroys every connection. */
  close(): void;
}

/** @param behind a server that does not listen yet */
export async function openRelay(behind: Server): Promise<Relay> {
  const inner = await listening(behind);
  const byPort = new Map<number, readonly [Socket, Socket]>();
  const front = createServer((outside) => {
    const inside = connect(inner, "127.0.0.1", () => {
      const from = inside.localPort ?? 0;
      byPort.set(from, [outside, inside]);
      inside.on("close", () => byPort.delete(from));
    });
    inside.setNoDelay(true);
    outside.setNoDelay(true);
    for (const [one, other] of [
      [outside, inside],
      [inside, outside],
    ] as const) {
      one.pipe(other);
      one.on("error", () => other.destroy());
      one.on("close", () => other.destroy());
    }
  });
  const port = await listening(front);
  const sockets = new Set<Socket>();
  front.on("connection", (socket) => sockets.add(socket.on("close", () => sockets.delete(socket))));
  return {
    port,
    freeze: (from) => {
      const [outside, inside] = byPort.get(from) ?? [];
      if (outside === undefined || inside === undefined) return;
      outside.unpipe(inside);
      inside.unpipe(outside);
      outside.pause();
      inside.resume();
    },
    close: () => {
      for (const socket of sockets) socket.destroy();
      front.close();
    },
  };
}

async function listening(server: Server): Promise<number> {
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const address = server.address();
  if (address === null || typeof address === "string") throw new Error("a TCP server has a port");
  return address.port;
}
