import type { LiveObject } from "@zuul-pulp/k8s-core/model";
import { describe, expect, test } from "vitest";
import { fileOf, pulpWith, renderObjects, type World } from "./render.builders.ts";

const live = (
  kind: string,
  name: string,
  rest: Readonly<Record<string, unknown>>,
  labels = {},
): LiveObject => ({
  apiVersion: "v1",
  kind,
  metadata: { name, uid: "u", resourceVersion: "1", labels },
  ...rest,
});

const nodePort = (port: number): LiveObject =>
  live("Service", "pulp-web", { spec: { ports: [{ nodePort: port }] } });
const webPod = (hostIP: string, name = "pulp-web-1"): LiveObject =>
  live(
    "Pod",
    name,
    { status: { hostIP } },
    { "app.kubernetes.io/instance": "pulp", "app.kubernetes.io/component": "web" },
  );

const urlOf = async (
  spec: Readonly<Record<string, unknown>>,
  world: World,
  status: Readonly<Record<string, unknown>> = {},
) => {
  const { config } = await renderObjects([pulpWith(spec, { status })], world);
  return config.url ?? `pending: ${config.addressWaitingFor ?? "nothing"}`;
};

describe("the URL of a Pulp", () => {
  const byNode = { expose: { type: "NodePort" } };

  test("is that of a node that runs nginx, once both are known", async () => {
    expect(await urlOf(byNode, {})).toMatch(/^pending: a node that runs/);
    expect(await urlOf(byNode, { pods: [webPod("10.0.0.1")] })).toMatch(/^pending: a node port/);
    expect(await urlOf(byNode, { pods: [webPod("10.0.0.1")], objects: [nodePort(31234)] })).toBe(
      "http://10.0.0.1:31234",
    );
  });

  test("stays with its node while that one runs nginx, and while no pod runs", async () => {
    const status = { url: "http://10.0.0.9:31234" };
    const objects = [nodePort(31234)];
    expect(
      await urlOf(byNode, { objects, pods: [webPod("10.0.0.1"), webPod("10.0.0.9", "b")] }, status),
    ).toBe("http://10.0.0.9:31234");
    expect(await urlOf(byNode, { objects }, status)).toBe("http://10.0.0.9:31234");
    expect(await urlOf(byNode, { objects, pods: [webPod("10.0.0.1")] }, status)).toBe(
      "http://10.0.0.1:31234",
    );
  });

  test("is the host of an Ingress, with the scheme that its TLS says", async () => {
    const expose = { type: "Ingress", host: "pulp.example.com" };
    expect(await urlOf({ expose }, {})).toBe("http://pulp.example.com");
    expect(await urlOf({ expose: { ...expose, tls: { secretName: "later" } } }, {})).toBe(
      "https://pulp.example.com",
    );
  });

  test("is the address that a load balancer got", async () => {
    const balancer = live("Service", "pulp-web", {
      status: { loadBalancer: { ingress: [{ ip: "192.0.2.7" }] } },
    });
    expect(await urlOf({ expose: { type: "LoadBalancer" } }, { objects: [balancer] })).toBe(
      "http://192.0.2.7",
    );
  });

  test("feeds every setting that names it", async () => {
    const { config } = await renderObjects([
      pulpWith({ expose: { type: "NodePort", host: "pulp.example.com", nodePort: 31000 } }),
    ]);
    const text = fileOf(config, "api");
    for (const line of [
      'CONTENT_ORIGIN = "http://pulp.example.com:31000"',
      'TOKEN_SERVER = "http://pulp.example.com:31000/token/"',
      'PYPI_API_HOSTNAME = "http://pulp.example.com:31000"',
      'ANSIBLE_API_HOSTNAME = "http://pulp.example.com:31000"',
      'CSRF_TRUSTED_ORIGINS = ["http://pulp.example.com:31000"]',
    ])
      expect(text).toContain(line);
  });

  test("leaves the settings without it while it is not known, and rolls once when it is", async () => {
    const before = await renderObjects([pulpWith(byNode)]);
    const after = await renderObjects([pulpWith(byNode)], {
      pods: [webPod("10.0.0.1")],
      objects: [nodePort(31234)],
    });
    expect(fileOf(before.config, "api")).not.toContain("CONTENT_ORIGIN");
    expect(after.config.processes.api.hash).not.toBe(before.config.processes.api.hash);
    expect(after.config.processes.migration.hash).toBe(before.config.processes.migration.hash);
    expect(after.config.migrationHash).toBe(before.config.migrationHash);
  });
});

describe("the image of a roll-out", () => {
  const digest = `sha256:${"d".repeat(64)}`;
  const migrated = (job: string, repository = "example.org/pulp"): LiveObject =>
    live(
      "Pod",
      `${job}-x`,
      { status: { containerStatuses: [{ imageID: `${repository}@${digest}` }] } },
      {
        "app.kubernetes.io/instance": "pulp",
        "app.kubernetes.io/component": "migration",
        "batch.kubernetes.io/job-name": job,
      },
    );
  const imagesWith = async (world: World, status = {}) => {
    const { plan } = await renderObjects([pulpWith({ image: "example.org/pulp" }, { status })], world);
    const text = JSON.stringify(plan.stages.flatMap(({ manifests }) => manifests));
    return [...new Set([...text.matchAll(/"(example.org\/pulp[^"]*)"/g)].map(([, image]) => image))];
  };
  const jobName = async () => {
    const { plan } = await renderObjects([pulpWith({ image: "example.org/pulp" })]);
    const names = plan.stages.flatMap(({ manifests }) => manifests.map(({ metadata }) => metadata.name));
    return names.find((name) => name.startsWith("pulp-migrate")) ?? "";
  };

  test("is the tag for the migration, and for all others what that tag stood for", async () => {
    expect(await imagesWith({})).toEqual(["example.org/pulp:3.123.1"]);
    expect(await imagesWith({ pods: [migrated(await jobName())] })).toEqual([
      "example.org/pulp:3.123.1",
      `example.org/pulp@${digest}`,
    ]);
  });

  // A node that had the same image under another name told that name's digest, and then could not find ours.
  test("is the tag where the node knows the digest of another repository only", async () => {
    const tag = ["example.org/pulp:3.123.1"];
    expect(await imagesWith({ pods: [migrated(await jobName(), "mirror.example.org/pulp")] })).toEqual(tag);
  });

  test("is remembered when the Job's pod is gone, and not for another tag", async () => {
    const pinned = `example.org/pulp@${digest}`;
    const status = { image: "example.org/pulp:3.123.1", pinnedImage: pinned };
    expect(await imagesWith({}, status)).toContain(pinned);
    expect(await imagesWith({}, { ...status, image: "example.org/pulp:3.122.0" })).not.toContain(pinned);
    expect(await imagesWith({ pods: [migrated("pulp-migrate-other")] })).toEqual([
      "example.org/pulp:3.123.1",
    ]);
  });
});

describe("the key of a database in use", () => {
  test("is not made again when it is gone", async () => {
    await expect(renderObjects([pulpWith({}, { status: { version: "3.123.1" } })])).rejects.toThrow(
      'Secret "pulp-field-encryption" does not exist (spec.fieldEncryptionKey)',
    );
  });
});

describe("a volume that is there", () => {
  const claim = live("PersistentVolumeClaim", "pulp-storage", {
    spec: {
      accessModes: ["ReadWriteMany"],
      storageClassName: "shared",
      resources: { requests: { storage: "100Gi" } },
    },
  });
  const withStorage = (filesystem: Readonly<Record<string, unknown>>) =>
    renderObjects([pulpWith({ storage: { filesystem } })], { objects: [claim] });

  test("cannot shrink", async () => {
    await expect(withStorage({ size: "50Gi" })).rejects.toThrow(
      /Cannot shrink volume claim pulp-storage from 100Gi to 50Gi/,
    );
  });

  test("may grow", async () => {
    await expect(withStorage({ size: "1Ti" })).resolves.toBeDefined();
  });

  test("keeps its class and access mode", async () => {
    await expect(withStorage({ storageClassName: "other" })).rejects.toThrow(
      /Cannot change the storage class/,
    );
    await expect(withStorage({ accessMode: "ReadWriteOnce" })).rejects.toThrow(
      /Cannot change the access mode/,
    );
  });
});

describe("what a Secret may not hold", () => {
  const secretOf = (name: string, stringData: Readonly<Record<string, string>>) => ({
    kind: "Secret",
    metadata: { name },
    stringData,
  });

  test("a password of several lines", async () => {
    const objects = [
      pulpWith({ adminPassword: { secretName: "admin" } }),
      secretOf("admin", { password: "a\nb" }),
    ];
    await expect(renderObjects(objects)).rejects.toThrow(/Secret "admin" has a password of several lines/);
  });

  test("an encryption key with a comment, which Pulp would die of", async () => {
    const objects = [
      pulpWith({ fieldEncryptionKey: { secretName: "fernet" } }),
      secretOf("fernet", { key: "# mine\nx" }),
    ];
    await expect(renderObjects(objects)).rejects.toThrow(/Secret "fernet" holds no Fernet keys/);
  });

  test("half of an external database", async () => {
    const objects = [
      pulpWith({ database: { secretName: "db" } }),
      secretOf("db", { host: "h", port: "5432" }),
    ];
    await expect(renderObjects(objects)).rejects.toThrow(/"db".*(user|password)/);
  });

  test("another database than before", async () => {
    const db = { host: "new", port: "5432", user: "u", password: "p", dbname: "d", sslmode: "require" };
    const objects = [
      pulpWith({ database: { secretName: "db" } }, { status: { database: "old:5432/d" } }),
      secretOf("db", db),
    ];
    await expect(renderObjects(objects)).rejects.toThrow(
      /Cannot move from database old:5432\/d to new:5432\/d/,
    );
  });
});
