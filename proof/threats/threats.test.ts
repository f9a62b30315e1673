/** What somebody who may only create our resources gains, and what not. Each threat of docs/threat-model.md has a test. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { describe, expect, test } from "vitest";
import { field, word } from "../../e2e/lab/look.ts";
import {
  pulpWith,
  renderObjects as renderPulp,
  renderYaml as renderPulpYaml,
} from "../../packages/pulp/src/render.builders.ts";
import {
  renderObjects as renderZuul,
  renderYaml as renderZuulYaml,
  zuulWith,
} from "../../packages/zuul/src/render.builders.ts";

const root = join(import.meta.dirname, "..", "..");
const sample = (path: string): string => readFileSync(join(root, "packages", path), "utf8");

const small = (spec: object) => [
  { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "- tenant: {name: one}\n" } },
  zuulWith({ scheduler: { config: "tenants" }, database: { mode: "single" }, ...spec }),
];

/** Everything that the richest sample of each product becomes. */
async function everything(): Promise<readonly Manifest[]> {
  const zuul = await renderZuulYaml(sample("zuul/src/testdata/proposal/in.yaml"));
  const pulp = await renderPulpYaml(sample("pulp/src/testdata/everything/in.yaml"));
  return [zuul, pulp].flatMap(({ plan }) => plan.stages.flatMap(({ manifests }) => manifests));
}

interface Pod {
  readonly of: string;
  readonly spec: unknown;
}

const podsOf = (manifests: readonly Manifest[]): readonly Pod[] =>
  manifests.flatMap((manifest) => {
    const spec = field(manifest, "spec", "template", "spec");
    return spec === undefined ? [] : [{ of: `${manifest.kind} ${manifest.metadata.name}`, spec }];
  });

const listAt = (value: unknown, ...path: readonly string[]): readonly unknown[] => {
  const found = field(value, ...path);
  return Array.isArray(found) ? found : [];
};

const containersOf = ({ spec }: Pod): readonly unknown[] => [
  ...listAt(spec, "containers"),
  ...listAt(spec, "initContainers"),
];

describe("somebody who may only create our resources", () => {
  test("gets no right: no plan has an object that grants any, or lies outside of the namespace", async () => {
    const granting = [
      "Role",
      "RoleBinding",
      "ClusterRole",
      "ClusterRoleBinding",
      "Namespace",
      "CustomResourceDefinition",
    ];
    const manifests = await everything();
    expect(manifests.length).toBeGreaterThan(50);
    expect(manifests.filter(({ kind }) => granting.includes(kind))).toEqual([]);
    // Those of the two samples: no plan leaves the namespace of its resource.
    const namespaces = new Set(manifests.map(({ metadata }) => metadata.namespace ?? "default"));
    expect([...namespaces].sort()).toEqual(["artifacts", "default"]);
  });

  test("gets no token of a service account into a pod, and no account of their choice", async () => {
    const wrong = podsOf(await everything()).filter(({ of, spec }) => {
      const account = word(spec, "serviceAccountName");
      const isOwn = account === "" || of.endsWith(` ${account}`) || /^(zuul|pulp)-/.test(account);
      return field(spec, "automountServiceAccountToken") !== false || !isOwn;
    });
    expect(wrong.map(({ of }) => of)).toEqual([]);
  });

  test("gets no part of the node: no network, processes or folders of it without the administrator's leave", async () => {
    const pods = podsOf(await everything());
    const shared = pods.filter(({ spec }) =>
      ["hostNetwork", "hostPID", "hostIPC"].some((member) => field(spec, member) === true),
    );
    expect(shared.map(({ of }) => of)).toEqual([]);
    const { plan } = await renderZuul(small({}), {
      permissions: { hostPathPrefixes: [], privilegedExecutor: true, privilegedBuilder: false },
    });
    const mounted = podsOf(plan.stages.flatMap(({ manifests }) => manifests)).filter(({ spec }) =>
      listAt(spec, "volumes").some((volume) => field(volume, "hostPath") !== undefined),
    );
    expect(mounted).toEqual([]);
  });

  test.each(["/srv/jobs/../../etc", "/srv/jobs-of-others", "/srv", "/srv/jobs/./../x", "srv/jobs"])(
    "gets no folder %s of the node where /srv/jobs is allowed",
    async (path) => {
      const jobVolumes = [{ context: "trusted", path: "/a", volume: { hostPath: { path } } }];
      const render = renderZuul(small({ jobVolumes }), {
        permissions: { hostPathPrefixes: ["/srv/jobs"], privilegedExecutor: true, privilegedBuilder: false },
      });
      await expect(render).rejects.toThrow(/jobVolumes/);
    },
  );

  test("gets privileged pods for executors alone, and only where the administrator left it so", async () => {
    const { plan } = await renderZuul(small({}));
    const privileged = podsOf(plan.stages.flatMap(({ manifests }) => manifests)).filter((pod) =>
      containersOf(pod).some((container) => field(container, "securityContext", "privileged") === true),
    );
    expect(privileged.map(({ of }) => of)).toEqual(["StatefulSet zuul-executor"]);
    await expect(
      renderZuul(small({}), {
        permissions: { hostPathPrefixes: [], privilegedExecutor: false, privilegedBuilder: false },
      }),
    ).rejects.toThrow("--no-privileged-executor");
  });

  test.each([
    { hostPath: { path: "/" } },
    { projected: { sources: [{ serviceAccountToken: { path: "t" } }] } },
    { csi: { driver: "secrets-store.csi.k8s.io" } },
    { nfs: { server: "s", path: "/" } },
  ])("gets no volume %j by the further volumes of a pod", async (source) => {
    const extraVolumes = [{ name: "x", mountPath: "/x", ...source }];
    await expect(renderPulp([pulpWith({ api: { pod: { extraVolumes } } })])).rejects.toThrow(
      /spec\.api\.pod\.extraVolumes/,
    );
    await expect(renderZuul(small({ web: { pod: { extraVolumes } } }))).rejects.toThrow(
      /spec\.web\.pod\.extraVolumes/,
    );
  });

  test.each(["other/secret", "../other/secrets/x", "Other", "a b", ""])(
    "reaches no Secret outside of the namespace by the name %j",
    async (secretName) => {
      await expect(renderPulp([pulpWith({ adminPassword: { secretName } })])).rejects.toThrow();
      await expect(renderZuul(small({ keystore: { secretName } }))).rejects.toThrow();
    },
  );

  test("passes no pod off as somebody else's: labels of ours win over theirs", async () => {
    const labels = { "app.kubernetes.io/instance": "victim", "app.kubernetes.io/component": "database" };
    const { plan } = await renderPulp([pulpWith({ api: { pod: { labels } } })]);
    const api = plan.stages
      .flatMap(({ manifests }) => manifests)
      .find(({ metadata, kind }) => kind === "Deployment" && metadata.name === "pulp-api");
    expect(field(api, "spec", "template", "metadata", "labels")).toMatchObject({
      "app.kubernetes.io/instance": "pulp",
      "app.kubernetes.io/component": "api",
    });
  });

  test("makes no pod run programs of the operator's own: nothing in a container is a shell line of theirs", async () => {
    const text = "$(touch /tmp/owned) `id` ; id";
    const { plan } = await renderPulp([pulpWith({ api: { pod: { env: [{ name: "X", value: text }] } } })]);
    for (const pod of podsOf(plan.stages.flatMap(({ manifests }) => manifests)))
      for (const container of containersOf(pod))
        expect(JSON.stringify([field(container, "command"), field(container, "args")])).not.toContain(
          "touch",
        );
  });
});

describe("docs/threat-model.md", () => {
  const text = readFileSync(join(root, "docs", "threat-model.md"), "utf8");
  const rows = [...text.matchAll(/^\| (T\d+) .*\| `([^`]+)`: (.+?) \|$/gm)].map(
    ([, id = "", file = "", words = ""]) => ({
      id,
      file,
      words,
    }),
  );

  test("has a row for each threat", () => {
    const ids = [...text.matchAll(/^\| (T\d+) /gm)].map(([, id]) => id);
    expect(rows.map(({ id }) => id)).toEqual(ids);
    expect(ids.length).toBeGreaterThan(15);
  });

  test.each(rows)("$id names a test that is there", ({ file, words }) => {
    expect(readFileSync(join(root, file), "utf8")).toContain(words);
  });
});
