/** A ServiceAccount for a program that runs where no pod is. I/O: the cluster, and the kubeconfig that it writes. */
import { readFile, writeFile } from "node:fs/promises";
import { type Client, connect, isAnswer, kinds, type KindSpec } from "@zuul-pulp/k8s-core";
import { parse, stringify } from "yaml";
import { eventually, field, until, word } from "./look.ts";
import { put } from "./person.ts";

/** A token of the account, from the Secret of that name; deleting the Secret revokes it. */
export async function tokenOf(
  admin: Client,
  namespace: string,
  account: string,
  secret = `${account}-token`,
): Promise<string> {
  const annotations = { "kubernetes.io/service-account.name": account };
  const type = "kubernetes.io/service-account-token";
  const manifest = { apiVersion: "v1", kind: "Secret", type, metadata: { name: secret, annotations } };
  await put(admin, kinds.Secret, manifest, namespace);
  const isFilled = (live: object): boolean => field(live, "data", "token") !== undefined;
  const filled = await until(admin, kinds.Secret, namespace, secret, isFilled);
  return Buffer.from(word(filled, "data", "token"), "base64").toString();
}

/** A copy of a kubeconfig in which its first user, now the only one, has nothing but this token. */
export async function writeKubeconfig(from: string, to: string, token: string): Promise<void> {
  const config: unknown = parse(await readFile(from, "utf8"));
  const user = { name: field(config, "users", 0, "name"), user: { token } };
  await writeFile(to, stringify({ ...Object(config), users: [user] }), { mode: 0o600 });
}

/**
 * Until the account of this kubeconfig may list: the authorizer hears of token and binding by watches.
 * @param namespace absent: in the whole cluster
 */
export async function granted(
  kubeconfig: string,
  kind: KindSpec,
  namespace: string | undefined,
): Promise<void> {
  const { client, close } = await connect({ kubeconfig, userAgent: "granted" });
  try {
    await eventually(async () => {
      try {
        await client.list(kind, namespace);
        return true;
      } catch (error) {
        if (isAnswer(error, "forbidden", "unauthorized")) return false;
        throw error;
      }
    });
  } finally {
    close();
  }
}
