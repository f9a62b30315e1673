import { cacheFolders, type OwnFolder, postgresFolders } from "@zuul-pulp/constructs";
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { describe, expect, test } from "vitest";
import { processFolders, webFolders, workFolders } from "./folders.ts";
import { pulpWith, renderObjects, secret } from "./render.builders.ts";

const manifestsWith = async (
  spec: Readonly<Record<string, unknown>>,
  ...more: readonly ReturnType<typeof secret>[]
) => (await renderObjects([pulpWith(spec), ...more])).plan.stages.flatMap(({ manifests }) => manifests);

const find = (manifests: readonly Manifest[], kind: string, name: string): Manifest | undefined =>
  manifests.find((manifest) => manifest.kind === kind && manifest.metadata.name === name);

const daemons = ["pulp-api", "pulp-content", "pulp-worker"] as const;

describe("synthPulp()", () => {
  test("keeps all pods on one node and replaces them in place when the volume is ReadWriteOnce", async () => {
    const manifests = await manifestsWith({ storage: { filesystem: { accessMode: "ReadWriteOnce" } } });
    for (const name of daemons) {
      expect(find(manifests, "Deployment", name)?.["spec"]).toMatchObject({
        strategy: { type: "RollingUpdate", rollingUpdate: { maxSurge: 0, maxUnavailable: 1 } },
        template: {
          spec: {
            affinity: {
              podAffinity: {
                requiredDuringSchedulingIgnoredDuringExecution: [{ topologyKey: "kubernetes.io/hostname" }],
              },
            },
          },
        },
      });
    }
  });

  test("leaves pods free with a volume that all nodes may mount", async () => {
    const spec = JSON.stringify(find(await manifestsWith({}), "Deployment", "pulp-api")?.["spec"]);
    expect(spec).not.toContain('podAffinity"');
    expect(spec).not.toContain("maxSurge");
  });

  test("uses a claim that is there, and makes none", async () => {
    const manifests = await manifestsWith({ storage: { filesystem: { existingClaim: "mine" } } });
    expect(find(manifests, "PersistentVolumeClaim", "pulp-storage")).toBeUndefined();
    expect(JSON.stringify(find(manifests, "Deployment", "pulp-worker"))).toContain('"claimName":"mine"');
  });

  test("gives no pod a shared volume with S3", async () => {
    const s3 = { bucket: "bucket", endpoint: "http://s3:9000", credentials: { secretName: "s3" } };
    const keys = secret("s3", { accessKeyId: "a", secretAccessKey: "b" });
    const manifests = await manifestsWith({ storage: { s3 } }, keys);
    for (const name of daemons)
      expect(JSON.stringify(find(manifests, "Deployment", name))).not.toContain("claimName");
  });

  test("lets an Ingress route by path without nginx between", async () => {
    const manifests = await manifestsWith({ expose: { type: "Ingress", host: "pulp.example.com" } });
    expect(find(manifests, "Deployment", "pulp-web")).toBeUndefined();
    const ingress = JSON.stringify(find(manifests, "Ingress", "pulp"));
    expect(ingress).toContain('"path":"/pulp/content/"');
    expect(ingress).toContain('"pulp-content"');
  });

  test("tells the most common Ingress controller the limits of nginx, unless the user says otherwise", async () => {
    const limits = { maxBodySize: "2g", timeoutSeconds: 300 };
    const expose = {
      type: "Ingress",
      host: "pulp.example.com",
      annotations: { "nginx.ingress.kubernetes.io/proxy-read-timeout": "900" },
    };
    const manifests = await manifestsWith({ web: limits, expose });
    expect(find(manifests, "Ingress", "pulp")?.metadata.annotations).toMatchObject({
      "nginx.ingress.kubernetes.io/proxy-body-size": "2g",
      "nginx.ingress.kubernetes.io/proxy-read-timeout": "900",
      "nginx.ingress.kubernetes.io/proxy-send-timeout": "300",
    });
  });

  test("opens one port of api and content, and none of a worker", async () => {
    const manifests = await manifestsWith({});
    const ports = (name: string) => {
      const spec = JSON.stringify(find(manifests, "NetworkPolicy", name)?.["spec"]);
      return [...spec.matchAll(/"port":(\d+)/g)].map(([, port]) => Number(port));
    };
    expect(ports("pulp-api")).toEqual([24817]);
    expect(ports("pulp-content")).toEqual([24816]);
    expect(ports("pulp-worker")).toEqual([]);
  });

  test("guards several replicas against drains, and one replica not", async () => {
    const manifests = await manifestsWith({ api: { replicas: 2 } });
    expect(find(manifests, "PodDisruptionBudget", "pulp-api")).toBeDefined();
    expect(find(manifests, "PodDisruptionBudget", "pulp-content")).toBeUndefined();
  });

  test("runs another migration for another version, encryption key or wish, and for nothing else", async () => {
    const jobOf = async (spec: Readonly<Record<string, unknown>>, annotations = {}) => {
      const { plan } = await renderObjects([pulpWith(spec, { metadata: { annotations } })]);
      return plan.stages
        .flatMap(({ manifests }) => manifests)
        .find(({ metadata }) => metadata.name.startsWith("pulp-migrate"))?.metadata.name;
    };
    const before = await jobOf({});
    expect(await jobOf({ version: "3.124.0" })).not.toBe(before);
    expect(await jobOf({ settings: { DOMAIN_ENABLED: true } })).not.toBe(before);
    expect(await jobOf({}, { "pulpproject.org/retry-migration": "again" })).not.toBe(before);
    expect(
      await jobOf({
        api: { replicas: 3 },
        settings: { MAX_CONCURRENT_CONTENT: 5 },
        worker: { graceSeconds: 60 },
      }),
    ).toBe(before);
  });

  test("rolls the api alone for the time that its processes may be silent", async () => {
    const hashes = async (timeoutSeconds: number) => {
      const { config } = await renderObjects([pulpWith({ api: { gunicorn: { timeoutSeconds } } })]);
      const { api, content, worker } = config.processes;
      return [api.hash, content.hash, worker.hash] as const;
    };
    const [before, after] = [await hashes(90), await hashes(100)];
    expect(after[0]).not.toBe(before[0]);
    expect(after.slice(1)).toEqual(before.slice(1));
  });

  test("mounts nothing of its own in a place that a user could take", async () => {
    const tls = { type: "LoadBalancer", tls: { secretName: "tls" } };
    const manifests = await manifestsWith({ expose: tls }, secret("tls", { "tls.crt": "c", "tls.key": "k" }));
    const pathsOf = (kind: string, name: string) => {
      const spec = JSON.stringify(find(manifests, kind, name)?.["spec"]);
      const paths = [...spec.matchAll(/"mountPath":"([^"]+)"/g)].flatMap(([, path]) => path ?? []);
      // Whoever mounts something there takes its place.
      return [...new Set(paths)].filter((path) => path !== "/tmp").toSorted();
    };
    const taken = (folders: readonly OwnFolder[]) =>
      folders.flatMap(({ path }) => (workFolders.includes(path) ? [] : [path])).toSorted();
    for (const name of daemons)
      expect(pathsOf("Deployment", name)).toEqual(taken(processFolders("filesystem")));
    expect(pathsOf("Deployment", "pulp-web")).toEqual(taken(webFolders));
    expect(pathsOf("StatefulSet", "pulp-database")).toEqual(taken(postgresFolders));
    expect(pathsOf("Deployment", "pulp-cache")).toEqual(taken(cacheFolders));
  });

  test("restricts every pod", async () => {
    const templates = (await manifestsWith({})).filter(({ kind }) =>
      ["Deployment", "StatefulSet", "Job"].includes(kind),
    );
    expect(templates.length).toBe(8);
    for (const { spec } of templates)
      expect(spec).toMatchObject({
        template: {
          spec: {
            enableServiceLinks: false,
            automountServiceAccountToken: false,
            securityContext: { runAsNonRoot: true, seccompProfile: { type: "RuntimeDefault" } },
          },
        },
      });
  });
});
