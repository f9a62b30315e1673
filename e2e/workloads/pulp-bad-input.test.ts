import { randomBytes } from "node:crypto";
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { beforeAll, describe, expect, test } from "vitest";
import { namespaces } from "../demo/resources.ts";
import { waitFor } from "../wait-for.ts";
import { clusterUnderTest, imagesUnderTest, type UnderTest, untilReady } from "./cluster-under-test.ts";
import { outsidePostgres } from "./outside-postgres.ts";
import {
  patchPulp,
  pulpKind,
  type PulpRef,
  readyOf,
  secret,
  secretText,
  smallPulp,
  statusOf,
  untilReason,
} from "./pulp-under-test.ts";

const fragile: PulpRef = { namespace: namespaces.pulpTwo, name: "fragile" };
const { namespace, name } = fragile;

/** What these tests look at of a Job. */
interface Job {
  readonly metadata: { readonly name: string; readonly uid: string };
  readonly spec: { readonly template: { readonly spec: { readonly nodeSelector?: unknown } } };
  readonly status: { readonly conditions?: readonly { readonly type: string; readonly status: string }[] };
}

/** One Pulp goes from one mistake to the next: each is told by one reason, and correcting it is all that is needed. */
describe("a mistake", () => {
  let cluster: UnderTest;

  beforeAll(async () => {
    cluster = await clusterUnderTest();
    // What a run before this one left when it failed half-way.
    const left = [`${pulpKind}/${name}`, "secret/fragile-db", "secret/fragile-cache"];
    await cluster.kubectl("-n", namespace, "delete", "--ignore-not-found", "--cascade=foreground", ...left);
  });

  const outside = outsidePostgres(namespace);
  const apply = (...manifests: readonly Manifest[]) => cluster.kubectl.apply(manifests, namespace);
  const says = (...reasons: readonly string[]) => untilReason(cluster, fragile, ...reasons);
  const patch = (spec: Readonly<Record<string, unknown>>) => patchPulp(cluster, fragile, spec);
  const ready = () => untilReady(cluster, pulpKind, name, namespace);
  const unreachable = { host: "nowhere.invalid", port: "5432" };

  test("in the shape of the spec is refused by the API server", async () => {
    const both = { filesystem: { size: "1Gi" }, s3: { bucket: "bucket", region: "r" } };
    await expect(apply(smallPulp(fragile, { storage: both }))).rejects.toThrow(
      "set exactly one of filesystem, s3, azure, gcs",
    );
  });

  test("about Secrets: all that are missing are named, then what is wrong inside one", async () => {
    await apply(
      ...outside.manifests,
      smallPulp(fragile, {
        deletionPolicy: "Delete",
        storage: { filesystem: { size: "1Gi", accessMode: "ReadWriteOnce" } },
        database: { secretName: "fragile-db" },
        cache: { secretName: "fragile-cache" },
        expose: {
          type: "Ingress",
          host: "pulp.example.org",
          tls: { secretName: "fragile-tls" },
          annotations: { "example.org/note": "mine" },
        },
      }),
    );
    const missing = await says("SecretMissing");
    expect(missing).toContain('Secret "fragile-db" does not exist (spec.database)');
    expect(missing).toContain('Secret "fragile-cache" does not exist (spec.cache)');
    await apply(
      secret("fragile-db", { ...outside.access, port: "none" }),
      secret("fragile-cache", { host: "nowhere.invalid", port: "6379" }),
    );
    expect(await says("InvalidSecret")).toContain('Secret "fragile-db" has a port that is no number');
  });

  test("of the cluster: no default storage class", async () => {
    const classes = await cluster.kubectl("get", "storageclass", "-o", "jsonpath={.items[*].metadata.name}");
    const isDefault = (value: boolean) =>
      cluster.kubectl(
        ...["annotate", "storageclass", "--overwrite", classes.split(" ")[0] ?? ""],
        `storageclass.kubernetes.io/is-default-class=${value}`,
      );
    await isDefault(false);
    try {
      await apply(secret("fragile-db", { ...outside.access, ...unreachable }));
      expect(await says("NoStorageClass")).toContain("set spec.storage.filesystem.storageClassName");
    } finally {
      await isDefault(true);
    }
  });

  test("in the address of the database, which can be corrected as nothing was written there", async () => {
    const message = await says("DatabaseUnreachable");
    expect(message).toContain("nowhere.invalid:5432/content cannot be used");
    expect(message).toContain('correct Secret "fragile-db" (spec.database.secretName)');
    await apply(secret("fragile-db", outside.access));
  });

  test("in the image: one that is not there, one that is no Pulp", async () => {
    const images = imagesUnderTest();
    const { version, image } = smallPulp(fragile, {})["spec"] as { version: string; image?: string };
    await patch({ version: "9.9.9" });
    expect(await says("ImageUnavailable")).toContain("(spec.image, spec.version)");
    const other = /^(.*):([^:/]+)$/.exec(images.git);
    await patch({ image: other?.[1], version: other?.[2] });
    const message = await says("ImageUnsuitable");
    expect(message).toContain("cannot run Pulp (spec.image): no pulpcore-manager");
    await patch({ image: image ?? null, version });
    await ready();
  });

  test("in the address of the cache only slows Pulp down", async () => {
    const { conditions } = await statusOf(cluster, fragile);
    const dependencies = conditions?.find(({ type }) => type === "DependenciesReady");
    expect(dependencies?.reason).toBe("CacheUnreachable");
    expect(dependencies?.message).toContain('correct Secret "fragile-cache" (spec.cache.secretName)');
  });

  test("or not: an Ingress leads by path to api and content, with the limits of nginx", async () => {
    const { metadata, spec } = await cluster.kubectl.get<{
      metadata: { annotations: Readonly<Record<string, string>> };
      spec: {
        tls: unknown;
        rules: readonly {
          host: string;
          http: { paths: readonly { path: string; backend: { service: { name: string } } }[] };
        }[];
      };
    }>("ingress", name, namespace);
    expect(metadata.annotations).toMatchObject({
      "example.org/note": "mine",
      "nginx.ingress.kubernetes.io/proxy-body-size": "0",
    });
    expect(spec.tls).toEqual([{ hosts: ["pulp.example.org"], secretName: "fragile-tls" }]);
    const services = new Map(
      spec.rules[0]?.http.paths.map(({ path, backend }) => [path, backend.service.name]),
    );
    expect(services.get("/pulp/content/")).toBe("fragile-content");
    expect(services.get("/pulp/")).toBe("fragile-api");
    const url = await cluster.kubectl("-n", namespace, "get", pulpKind, name, "-o", "jsonpath={.status.url}");
    expect(url).toBe("https://pulp.example.org");
  });

  test("in the settings is Pulp's own word", async () => {
    await patch({ settings: { ALLOWED_CONTENT_CHECKSUMS: ["sha256", "md6"] } });
    expect(await says("SettingsRefused")).toContain("(spec.settings)");
    await patch({ settings: null });
    await ready();
  });

  test("in the encryption key is noticed before anything runs with it, and a lost key is not replaced", async () => {
    const keySecret = `${name}-field-encryption`;
    const key = await secretText(cluster, namespace, keySecret, "key");
    await manage(
      "from pulp_file.app.models import FileRemote",
      "FileRemote.objects.create(name='locked', url='http://origin/', username='u', password='p')",
    );
    const setKey = (value: string) =>
      cluster.kubectl.merge("secret", keySecret, namespace, {
        data: { key: Buffer.from(value).toString("base64") },
      });
    await setKey(`${randomBytes(32).toString("base64url")}=`);
    expect(await says("WrongEncryptionKey")).toContain("(spec.fieldEncryptionKey)");
    await setKey(key);
    await ready();
    await cluster.kubectl("-n", namespace, "delete", "secret", keySecret);
    expect(await says("SecretMissing")).toContain(
      `Secret "${keySecret}" does not exist (spec.fieldEncryptionKey)`,
    );
    await apply(secret(keySecret, { key }));
    await ready();
  });

  test("in where a Job may run keeps it from starting; once corrected, another takes its place", async () => {
    const migrate = { "pulpproject.org/retry-migration": "with a node that is not there" };
    const pod = { nodeSelector: { "example.org/disk": "none" } };
    await cluster.kubectl.merge(pulpKind, name, namespace, {
      metadata: { annotations: migrate },
      spec: { worker: { pod }, imagePullSecrets: [{ name: "no-such-secret" }] },
    });
    await waitFor({ what: "the scheduler's word", timeoutMs: 240_000, everyMs: 2000 }, async () => {
      const words = readyOf(await statusOf(cluster, fragile))?.message ?? "";
      if (/node affinity\/selector/.test(words)) return words;
      throw new Error(words);
    });
    const stuck = (await migrations()).filter(({ isComplete }) => !isComplete);
    expect(stuck).toEqual([expect.objectContaining({ isBound: true })]);
    await patch({ worker: { pod: null }, imagePullSecrets: null });
    await ready();
    expect(await migrations()).toEqual([
      {
        name: stuck[0]?.name,
        uid: expect.not.stringMatching(stuck[0]?.uid ?? ""),
        isBound: false,
        isComplete: true,
      },
    ]);
  });

  test("in the plugins of an image is told by their names, before anything is migrated", async () => {
    await manage(
      "from pulp_python.app.models import PythonRepository",
      "PythonRepository.objects.create(name='kept')",
    );
    await patch({ settings: { ENABLED_PLUGINS: ["pulp_file", "pulp_certguard", "pulp_container"] } });
    expect(await says("PluginMissing")).toContain('repository of plugin "python", which is not in the image');
    await patch({ settings: null });
    await ready();

    const recorder = "from django.db.migrations.recorder import MigrationRecorder";
    const newer = "app='container', name='9999_of_a_newer_release'";
    const again = (why: string) =>
      cluster.kubectl.merge(pulpKind, name, namespace, {
        metadata: { annotations: { "pulpproject.org/retry-migration": why } },
      });
    await manage(recorder, `MigrationRecorder.Migration.objects.create(${newer})`);
    await again("with a newer database");
    const words = await says("PluginTooOld");
    expect(words).toMatch(
      /plugin "container" [\d.]+ is older than what migrated the database to 9999_of_a_newer/,
    );
    await manage(recorder, `MigrationRecorder.Migration.objects.filter(${newer}).delete()`);
    await again("with the database as it was");
    await ready();
  });

  test("is over when the resource is: with deletionPolicy Delete only the user's own Secrets stay", async () => {
    await cluster.kubectl("-n", namespace, "delete", pulpKind, name, "--wait=true", "--cascade=foreground");
    // The key that was brought back by hand is the user's, too.
    const kept = ["secret/fragile-cache", "secret/fragile-db", "secret/fragile-field-encryption"];
    const left = await waitFor(
      { what: "volumes and keys to go", timeoutMs: 240_000, everyMs: 2000 },
      async () => {
        const names = await cluster.kubectl("-n", namespace, "get", "pvc,secrets", "-o", "name");
        const own = names.split("\n").filter((line) => line.includes("/fragile-"));
        return own.length <= kept.length ? own.toSorted() : undefined;
      },
    );
    expect(left).toEqual(kept);
    await cluster.kubectl("-n", namespace, "delete", ...kept);
  });

  async function migrations() {
    const selector = `app.kubernetes.io/instance=${name},app.kubernetes.io/component=migration`;
    const list = await cluster.kubectl("-n", namespace, "get", "jobs", "-l", selector, "-o", "json");
    const { items } = JSON.parse(list) as { readonly items: readonly Job[] };
    return items.map(({ metadata, spec, status }) => ({
      ...{ name: metadata.name, uid: metadata.uid },
      isBound: spec.template.spec.nodeSelector !== undefined,
      isComplete:
        status.conditions?.some(({ type, status: is }) => type === "Complete" && is === "True") === true,
    }));
  }

  /** Lines of Python with Pulp's own models, inside a worker. */
  async function manage(...lines: readonly string[]): Promise<void> {
    await cluster.kubectl(
      ...["-n", namespace, "exec", `deployment/${name}-worker`, "-c", "worker", "--"],
      ...["pulpcore-manager", "shell", "-c", lines.join("; ")],
    );
  }
});
