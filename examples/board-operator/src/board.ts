/** A notice board: one text, served as a web page. Spec, manifests and status. Pure. */
import { defineCrd, doc, quantity, statusSchema } from "@zuul-pulp/k8s-core/crd";
import {
  childName,
  type Manifest,
  memberLabels,
  type Observed,
  type Plan,
  selectorLabels,
  type StatusClaim,
} from "@zuul-pulp/k8s-core/model";
import { contentHash, type ResolvedRefs, secretRef } from "@zuul-pulp/secret-ref";
import { z } from "zod";

const image = "docker.io/library/busybox:1.37";
const passcodeMount = { name: "passcode", mountPath: "/run/passcode", readOnly: true };
const archiveMount = { name: "archive", mountPath: "/archive" };

export const boardDefinition = defineCrd({
  group: "example.zuul-pulp.io",
  kind: "Board",
  plural: "boards",
  scope: "Namespaced",
  version: "v1alpha1",
  spec: z.object({
    text: doc("What the board says.", z.string().min(1).max(10_000)),
    replicas: doc(
      "Pods that serve it; absent when an autoscaler decides.",
      z.int32().min(0).max(50).optional(),
    ),
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

/** Manifests in two stages: what is mounted comes before what mounts it. */
export function synthBoard({ metadata, spec }: Board, refs: ResolvedRefs): Plan {
  const of = {
    name: "board",
    instance: metadata.name,
    component: "web",
    partOf: "board",
    managedBy: "board-operator",
  };
  const labels = memberLabels(of);
  const name = childName([metadata.name, "web"]);
  const object = (apiVersion: string, kind: string, members: object, named = name): Manifest => ({
    apiVersion,
    kind,
    metadata: { name: named, labels },
    ...members,
  });
  const page = {
    "index.html": `<!doctype html><p>${spec.text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")}</p>\n`,
  };
  const archive =
    spec.archive &&
    object(
      "v1",
      "PersistentVolumeClaim",
      { spec: { accessModes: ["ReadWriteOnce"], resources: { requests: { storage: spec.archive.size } } } },
      childName([metadata.name, "archive"]),
    );
  const hash = contentHash([
    ...Object.entries(page),
    ...(spec.passcode ? [["passcode", refs.text("passcode")] as const] : []),
  ]);
  const container = {
    name: "web",
    image,
    command: ["httpd", "-f", "-p", "8080", "-h", "/srv"],
    ports: [{ name: "http", containerPort: 8080, protocol: "TCP" }],
    readinessProbe: { httpGet: { path: "/", port: "http" } },
    resources: { requests: { cpu: "10m", memory: "16Mi" } },
    securityContext: {
      allowPrivilegeEscalation: false,
      capabilities: { drop: ["ALL"] },
      readOnlyRootFilesystem: true,
    },
    volumeMounts: [
      { name: "page", mountPath: "/srv", readOnly: true },
      ...(spec.passcode ? [passcodeMount] : []),
      ...(archive ? [archiveMount] : []),
    ],
  };
  const volumes = [
    { name: "page", configMap: { name } },
    ...(spec.passcode ? [{ name: "passcode", secret: { secretName: refs.secretNameOf("passcode") } }] : []),
    ...(archive ? [{ name: "archive", persistentVolumeClaim: { claimName: archive.metadata.name } }] : []),
  ];
  const security = { runAsNonRoot: true, runAsUser: 65_532, seccompProfile: { type: "RuntimeDefault" } };
  const template = {
    metadata: { labels, annotations: { "example.zuul-pulp.io/content": hash } },
    spec: {
      automountServiceAccountToken: false,
      enableServiceLinks: false,
      securityContext: security,
      containers: [container],
      volumes,
    },
  };
  const deployment = object("apps/v1", "Deployment", {
    spec: {
      ...(spec.replicas === undefined ? {} : { replicas: spec.replicas }),
      selector: { matchLabels: selectorLabels(of) },
      template,
    },
  });
  const service = object("v1", "Service", {
    spec: {
      selector: selectorLabels(of),
      ports: [{ name: "http", port: 80, targetPort: "http", protocol: "TCP" }],
    },
  });
  return {
    stages: [
      {
        name: "content",
        manifests: [object("v1", "ConfigMap", { data: page }), ...(archive ? [archive] : [])],
      },
      { name: "web", manifests: [deployment, service] },
    ],
    notices: refs.notices,
    deletionPolicy: spec.deletionPolicy,
  };
}

export function statusOf({ components, waiting }: Observed): StatusClaim {
  return { components, conditions: [], ...(waiting === undefined ? {} : { waiting }) };
}
