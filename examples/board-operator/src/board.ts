/** A notice board: one text, served as a web page. Spec, manifests and status. Pure. */
import {
  ConfigFiles,
  given,
  type Mount,
  PersistentClaim,
  ServiceObject,
  synthesizeStages,
  Workload,
} from "@zuul-pulp/constructs";
import { defineCrd, doc, quantity, statusSchema } from "@zuul-pulp/k8s-core/crd";
import { childName, type Observed, type Plan, type StatusClaim } from "@zuul-pulp/k8s-core/model";
import { contentHash, type ResolvedRefs, secretRef } from "@zuul-pulp/secret-ref";
import { z } from "zod";

export const boardDefinition = defineCrd({
  group: "example.zuul-pulp.io",
  kind: "Board",
  plural: "boards",
  scope: "Namespaced",
  version: "v1alpha1",
  spec: z.object({
    text: doc("What the board says.", z.string().min(1).max(10_000)),
    replicas: doc("Pods; absent when an autoscaler decides.", z.int32().min(0).max(50).optional()),
    passcode: doc("Mounted, for whoever serves the page.", secretRef().optional()),
    archive: doc("Keeps old texts; kept when the board goes.", z.object({ size: quantity() }).optional()),
    deletionPolicy: doc("Delete also removes the archive.", z.enum(["Retain", "Delete"]).default("Retain")),
    paused: doc("Nothing is changed while set.", z.boolean().default(false)),
  }),
  status: statusSchema(),
  printerColumns: [
    { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
  ],
});

export type Board = ReturnType<typeof boardDefinition.parse>;

const page = (text: string) =>
  `<!doctype html><p>${text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</p>\n`;

/** Manifests in two stages: what is mounted comes before what mounts it. */
export function synthBoard({ metadata, spec }: Board, refs: ResolvedRefs): Plan {
  const instance = metadata.name;
  const member = { name: "board", instance, component: "web", partOf: "board", managedBy: "board-operator" };
  const [name, archive] = [childName([instance, "web"]), childName([instance, "archive"])];
  const files = { "index.html": page(spec.text) };
  const passcode = spec.passcode && refs.secretNameOf("passcode");
  const mounts: readonly Mount[] = [
    { path: "/srv", from: { kind: "configMap", name } },
    ...(passcode ? [{ path: "/run/passcode", from: { kind: "secret" as const, name: passcode } }] : []),
    ...(spec.archive ? [{ path: "/archive", from: { kind: "claim" as const, name: archive } }] : []),
  ];
  const container = {
    name: "web",
    image: "docker.io/library/busybox:1.37",
    command: ["httpd", "-f", "-p", "8080", "-h", "/srv"],
    ports: [{ name: "http", port: 8080 }],
    probes: { readiness: { http: { path: "/", port: "http" } } },
    resources: { requests: { cpu: "10m", memory: "16Mi" } },
    mounts,
  };
  const secrets = passcode ? [["passcode", refs.text("passcode")] as const] : [];
  const configHash = contentHash([...Object.entries(files), ...secrets]);
  const pod = { containers: [container], security: { runAsUser: 65_532 } };
  const stages = synthesizeStages(
    [
      {
        name: "content",
        build: (scope) => {
          new ConfigFiles(scope, "page", { name, member, files });
          if (spec.archive)
            new PersistentClaim(scope, "archive", { name: archive, member, storage: spec.archive });
        },
      },
      {
        name: "web",
        build: (scope) => {
          const replicas = given({ replicas: spec.replicas });
          new Workload(scope, "web", { kind: "Deployment", name, member, pod, configHash, ...replicas });
          new ServiceObject(scope, "http", { name, member, ports: [{ name: "http", port: 80 }] });
        },
      },
    ],
    { namespace: metadata.namespace },
  );
  return { stages, notices: refs.notices, deletionPolicy: spec.deletionPolicy };
}

export function statusOf({ components, waiting }: Observed): StatusClaim {
  return { components, conditions: [], ...given({ waiting }) };
}
