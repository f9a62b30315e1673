/** A notice board: one text, served as a web page. Spec and manifests. Pure. */
import { ConfigFiles, PersistentClaim, ServiceObject, synthesize, Workload } from "@zuul-pulp/constructs";
import { defineCrd, doc, quantity, statusSchema } from "@zuul-pulp/k8s-core/crd";
import { childName, type Plan } from "@zuul-pulp/k8s-core/model";
import { contentHash, type ResolvedRefs, secretRef } from "@zuul-pulp/secret-ref";
import { z } from "zod";

const ready = '.status.conditions[?(@.type=="Ready")].status';
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
  printerColumns: [{ name: "Ready", type: "string", jsonPath: ready }],
});

type Board = ReturnType<typeof boardDefinition.parse>;

export function synthBoard({ metadata, spec }: Board, refs: ResolvedRefs): Plan {
  const instance = metadata.name;
  const member = { name: "board", instance, component: "web", partOf: "board", managedBy: "board-operator" };
  const [name, archive] = [childName([instance, "web"]), childName([instance, "archive"])];
  const text = spec.text.replaceAll("&", "&amp;").replaceAll("<", "&lt;");
  const files = { "index.html": `<!doctype html><p>${text}</p>\n` };
  const passcode = spec.passcode && refs.secretNameOf("passcode");
  const container = {
    name: "web",
    image: "docker.io/library/busybox:1.37",
    command: ["httpd", "-f", "-p", "8080", "-h", "/srv"],
    ports: [{ name: "http", port: 8080 }],
    probes: { readiness: { http: { path: "/", port: "http" } } },
    resources: { requests: { cpu: "10m", memory: "16Mi" } },
    mounts: [
      { path: "/srv", from: { kind: "configMap" as const, name } },
      ...(passcode ? [{ path: "/run/passcode", from: { kind: "secret" as const, name: passcode } }] : []),
      ...(spec.archive ? [{ path: "/archive", from: { kind: "claim" as const, name: archive } }] : []),
    ],
  };
  const secrets = passcode ? [["passcode", refs.text("passcode")] as const] : [];
  const configHash = contentHash([...Object.entries(files), ...secrets]);
  const pod = { containers: [container], security: { runAsUser: 65_532 } };
  const replicas = spec.replicas === undefined ? {} : { replicas: spec.replicas };
  const manifests = synthesize((scope) => {
    new ConfigFiles(scope, "page", { name, member, files });
    if (spec.archive) new PersistentClaim(scope, "archive", { name: archive, member, storage: spec.archive });
    new Workload(scope, "web", { kind: "Deployment", name, member, pod, configHash, ...replicas });
    new ServiceObject(scope, "http", { name, member, ports: [{ name: "http", port: 80 }] });
  }, metadata);
  return { stages: [{ name: "web", manifests }], notices: refs.notices, deletionPolicy: spec.deletionPolicy };
}
