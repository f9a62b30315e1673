/** The two Zuuls of `zuul-neighbours.test.ts` and what they stand on: a git server, somebody else's PostgreSQL. */
import { randomBytes } from "node:crypto";
import { backingImages, PostgresSingle, synthesize } from "@zuul-pulp/constructs";
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { gitServer } from "../demo/git-server.ts";
import { namespaces, zuulResources } from "../demo/resources.ts";
import { imagesUnderTest, type UnderTest, untilReady } from "./cluster-under-test.ts";
import { type GitServer, type ZuulRef, zuulKind } from "./zuul-under-test.ts";

const nodePorts = { git: 30419, trio: 30901, second: 30902 } as const;

export const neighbours: { readonly trio: ZuulRef; readonly second: ZuulRef } = {
  trio: { namespace: namespaces.zuul, name: "trio" },
  second: { namespace: namespaces.zuulTwo, name: "zuul" },
};

export interface Neighbours {
  readonly git: GitServer;
  readonly webs: { readonly trio: string; readonly second: string };
}

/** Gives each Zuul its surroundings. Ends when both are Ready. */
export async function bringUpNeighbours(cluster: UnderTest): Promise<Neighbours> {
  const { kubectl, nodeAddress } = cluster;
  const { trio, second } = neighbours;
  const images = imagesUnderTest();
  await kubectl.apply(
    [
      ...atNodePort(gitServer(images.git), nodePorts.git),
      ...outsideDatabase.manifests(),
      ...zuul(cluster, second.name, nodePorts.second, {
        database: { secretName: outsideDatabase.secretName },
        zookeeper: { count: 1, image: images.zookeeper },
      }),
    ],
    second.namespace,
  );
  await kubectl.apply(
    [
      secret("trio-mail", { password: randomBytes(12).toString("hex") }),
      ...zuul(cluster, trio.name, nodePorts.trio, {
        zookeeper: { count: 3, image: images.zookeeper, storage: { size: "1Gi" } },
        // Executors merge as well, and nobody asks for a console here.
        merger: { count: 0 },
        fingergw: { count: 0 },
        // Never spoken to: only its password matters here.
        mail: {
          driver: "smtp",
          server: "mail.example.org",
          user: "zuul",
          password: { secretName: "trio-mail" },
        },
      }),
    ],
    trio.namespace,
  );
  await Promise.all(
    [trio, second].map(({ namespace, name }) => untilReady(cluster, zuulKind, name, namespace)),
  );
  return {
    git: { outside: `git://${nodeAddress}:${nodePorts.git}`, inside: gitInside },
    webs: {
      trio: `http://${nodeAddress}:${nodePorts.trio}`,
      second: `http://${nodeAddress}:${nodePorts.second}`,
    },
  };
}

const gitInside = `git://git-server.${namespaces.zuulTwo}.svc`;

interface Wishes {
  readonly zookeeper: Readonly<Record<string, unknown>>;
  readonly database?: Readonly<Record<string, unknown>>;
  readonly mail?: Readonly<Record<string, unknown>>;
  readonly merger?: { readonly count: number };
  readonly fingergw?: { readonly count: number };
}

/** The demo's resource and tenant file under other names, with nothing left behind when it goes. */
function zuul(
  { nodeAddress }: UnderTest,
  name: string,
  nodePort: number,
  { zookeeper, database, mail, ...counts }: Wishes,
): readonly Manifest[] {
  const tenants = `${name}-tenants`;
  return zuulResources(imagesUnderTest(), nodeAddress).map((manifest): Manifest => {
    if (manifest.kind === "ConfigMap") return { ...manifest, metadata: { name: tenants } };
    return {
      ...manifest,
      metadata: { name },
      spec: {
        ...fields(manifest["spec"]),
        scheduler: { count: 1, config: tenants },
        web: {
          count: 1,
          status_url: `http://${nodeAddress}:${nodePort}`,
          expose: { type: "NodePort", nodePort },
        },
        zookeeper,
        ...counts,
        ...(database === undefined ? {} : { database }),
        connections: {
          git: { driver: "git", baseurl: `${gitInside}/`, poll_delay: 3 },
          ...(mail === undefined ? {} : { mail }),
        },
        deletionPolicy: "Delete",
      },
    };
  });
}

/** A PostgreSQL that no operator runs; Zuul knows it by the URL in a Secret. */
export const outsideDatabase = {
  secretName: "outside-database",

  manifests(): readonly Manifest[] {
    const password = newPassword();
    const member = {
      name: "postgres",
      instance: "outside",
      component: "database",
      partOf: "e2e",
      managedBy: "e2e",
    };
    return [
      secret("outside-password", { password }),
      secret(outsideDatabase.secretName, { dburi: dburi(password) }),
      ...synthesize(
        (scope) => {
          new PostgresSingle(scope, "database", {
            name: "outside",
            member,
            image: imagesUnderTest().postgres ?? backingImages.postgres,
            storage: { size: "1Gi" },
            database: "zuul",
            user: "zuul",
            passwordSecret: { name: "outside-password", key: "password" },
            configHash: password,
          });
        },
        { namespace: namespaces.zuulTwo },
      ),
    ];
  },

  /** As its administrator does it: first in the database, then where it is written down. */
  async rotate({ kubectl }: UnderTest): Promise<void> {
    const password = newPassword();
    const sql = `ALTER ROLE zuul PASSWORD '${password}'`;
    await kubectl("-n", namespaces.zuulTwo, "exec", "outside-0", "--", "psql", "-qU", "postgres", "-c", sql);
    await kubectl.apply([secret(outsideDatabase.secretName, { dburi: dburi(password) })], namespaces.zuulTwo);
  },
};

/** With characters that a URL and zuul.conf both have to escape. */
const newPassword = (): string => `${randomBytes(8).toString("hex")}@%/#`;

const dburi = (password: string): string =>
  `postgresql://zuul:${encodeURIComponent(password)}@outside.${namespaces.zuulTwo}.svc/zuul`;

/** Gives a Secret of one password another one, as a user does who did not make it. */
export async function changePassword({ kubectl }: UnderTest, name: string): Promise<void> {
  const stringData = { password: randomBytes(12).toString("hex") };
  await kubectl.merge("secret", name, namespaces.zuul, { stringData });
}

/** The same programs; for Kubernetes and the operator it is another image. */
export function imageUnderAnotherName(component: string): string {
  const { prefix, zuulVersion } = imagesUnderTest();
  return prefix === undefined
    ? `quay.io:443/zuul-ci/zuul-${component}:${zuulVersion}`
    : `${prefix}/zuul:${zuulVersion}`;
}

const secret = (name: string, stringData: Readonly<Record<string, string>>): Manifest => ({
  apiVersion: "v1",
  kind: "Secret",
  metadata: { name },
  stringData,
});

/** The same Service on another port of the node. */
function atNodePort(manifests: readonly Manifest[], nodePort: number): readonly Manifest[] {
  return manifests.map((manifest) => {
    if (manifest.kind !== "Service") return manifest;
    const spec = fields(manifest["spec"]);
    const ports = Array.isArray(spec["ports"])
      ? spec["ports"].map((port) => ({ ...fields(port), nodePort }))
      : [];
    return { ...manifest, spec: { ...spec, ports } };
  });
}

const fields = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? { ...value } : {};
