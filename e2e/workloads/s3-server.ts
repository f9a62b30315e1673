/** A real S3 server in the cluster, with one bucket: path addressing at a node port, virtual hosts inside. Manifests. */
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { prefix } from "../images/recipe.ts";
import { restrictedContainer, restrictedPod } from "./restricted.ts";

export const s3Bucket = "artifacts";
export const s3NodePort = 30970;
/** Below it every bucket has a name of its own, as pods of a headless Service have. */
export const s3Domain = "s3.pulp.svc.cluster.local";
const port = 7070;

/** @param image any with `mkdir`; @param credentials Secret with accessKeyId and secretAccessKey */
export function s3Server(image: string, credentials: string): readonly Manifest[] {
  const labels = { app: "s3" };
  const fromSecret = (name: string, key: string) => ({
    name,
    valueFrom: { secretKeyRef: { name: credentials, key } },
  });
  const volumeMounts = [{ name: "objects", mountPath: "/objects" }];
  const ports = [{ name: "s3", port }];
  return [
    {
      apiVersion: "v1",
      kind: "Pod",
      metadata: { name: "s3", labels },
      spec: {
        ...restrictedPod,
        // DNS knows the pod as <bucket>.<domain>.
        hostname: s3Bucket,
        subdomain: "s3",
        initContainers: [
          {
            name: "bucket",
            image,
            command: ["mkdir", "-p", `/objects/data/${s3Bucket}`, "/objects/meta"],
            volumeMounts,
            securityContext: restrictedContainer,
          },
        ],
        containers: [
          {
            name: "versitygw",
            image: `${prefix}/s3:1.8.0`,
            args: [
              `--port=:${port}`,
              `--virtual-domain=${s3Domain}`,
              "posix",
              "--sidecar=/objects/meta",
              "/objects/data",
            ],
            env: [
              fromSecret("ROOT_ACCESS_KEY", "accessKeyId"),
              fromSecret("ROOT_SECRET_KEY", "secretAccessKey"),
            ],
            ports: [{ containerPort: port }],
            readinessProbe: { tcpSocket: { port } },
            volumeMounts,
            securityContext: restrictedContainer,
          },
        ],
        volumes: [{ name: "objects", emptyDir: {} }],
      },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s3" },
      spec: { clusterIP: "None", publishNotReadyAddresses: true, selector: labels, ports },
    },
    {
      apiVersion: "v1",
      kind: "Service",
      metadata: { name: "s3-outside" },
      spec: { type: "NodePort", selector: labels, ports: [{ ...ports[0], nodePort: s3NodePort }] },
    },
  ];
}
