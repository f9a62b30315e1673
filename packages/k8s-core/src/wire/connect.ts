/** From configuration to a client: for commands, tests and the operator itself. */
import { Client, type ClientProps } from "./client.ts";
import { type ConnectOptions, findServer } from "./find-server.ts";
import { openTransport } from "./transport.ts";

export interface Connection {
  readonly client: Client;
  /** The namespace of the service account or of the kubeconfig's context; `default` when it names none. */
  readonly namespace: string;
  readonly url: string;
  close(): void;
}

/** @throws NoServer when there is neither a service account nor a kubeconfig; nothing is sent yet */
export async function connect(
  options: ConnectOptions & Omit<ClientProps, "transport" | "server">,
): Promise<Connection> {
  const { kubeconfig: _path, context: _context, env: _env, ...props } = options;
  const server = await findServer(options);
  const client = new Client({ ...props, server, transport: openTransport(server) });
  return { client, namespace: server.namespace ?? "default", url: server.url, close: () => client.close() };
}
