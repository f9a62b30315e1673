import { expect, test } from "vitest";
import { ownFolders } from "./folders.ts";
import { renderObjects, zuulWith } from "./render.builders.ts";

const nodepoolYaml = "providers: [{name: one, driver: kubernetes, pools: []}]";

test("ownFolders() knows every place where a pod of ours mounts something", async () => {
  const { zuul, plan } = await renderObjects([
    { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
    { kind: "ConfigMap", metadata: { name: "nodepool" }, data: { "nodepool.yaml": nodepoolYaml } },
    { kind: "Secret", metadata: { name: "clouds" }, stringData: { "clouds.yaml": "{}" } },
    zuulWith({
      scheduler: { config: "tenants" },
      merger: { count: 1, storage: { size: "1Gi" } },
      launcher: { config: "nodepool" },
      builder: { config: "nodepool" },
      database: { mode: "single" },
      externalConfig: { openstack: { secretName: "clouds" } },
      jobVolumes: [{ context: "trusted", path: "/srv/jobs", volume: { emptyDir: {} } }],
    }),
  ]);
  const mounted = plan.stages
    .flatMap(({ manifests }) => manifests)
    .filter(({ kind }) => kind === "StatefulSet" || kind === "Deployment")
    .map((pod) => [
      (pod.metadata.labels?.["app.kubernetes.io/component"] ?? "").replace("nodepool-", ""),
      // Whoever mounts something at /tmp takes its place.
      placesIn(pod).filter((path) => path !== "/tmp"),
    ]);
  const own = Object.entries(ownFolders(zuul.spec, zuul.jobVolumes));
  expect(Object.fromEntries(mounted)).toEqual(
    Object.fromEntries(own.map(([member, folders]) => [member, folders.map(({ path }) => path).toSorted()])),
  );
});

function placesIn(pod: object): readonly string[] {
  const paths = [...JSON.stringify(pod).matchAll(/"mountPath":"([^"]+)"/g)].flatMap(([, path]) => path ?? []);
  return [...new Set(paths)].toSorted();
}
