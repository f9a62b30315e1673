/** The custom resource as the API server sees it: spec, status and columns. `crds/` and the parser come from here. Pure. */
import { defineCrd, doc, statusSchema } from "@zuul-pulp/k8s-core/crd";
import { z } from "zod";
import { pulpSpec } from "./spec.ts";

const text = (max = 1024) => z.string().max(max).optional();
const count = (what: string) => doc(what, z.int32().min(0).optional());

export const pulpDefinition = defineCrd({
  group: "pulpproject.org",
  kind: "Pulp",
  plural: "pulps",
  shortNames: [],
  categories: ["all"],
  scope: "Namespaced",
  version: "v1alpha1",
  spec: pulpSpec,
  status: statusSchema({
    image: doc("Image that was asked for.", text()),
    pinnedImage: doc(
      "The image that runs, by digest; absent while the node's runtime knows none, as for imported archives.",
      text(),
    ),
    plugins: doc(
      "Components that the api reports, with their versions.",
      z.record(z.string().max(128), z.string().max(128)).optional(),
    ),
    database: doc("The database that holds this Pulp: host:port/name. It cannot change.", text()),
    storage: doc("The storage that holds this Pulp's artifacts. It cannot change.", text()),
    storageUsage: doc(
      "What Pulp says about its storage, in MiB.",
      z
        .object({
          usedMiB: count("In use."),
          freeMiB: count("Free; absent for object storage."),
          totalMiB: count("Size; absent for object storage."),
        })
        .optional(),
    ),
    adminSecret: doc(
      "Where the password of user admin is.",
      z
        .object({
          secretName: doc("Name of the Secret.", z.string().max(253)),
          key: doc("Key inside it.", z.string().max(253)),
        })
        .optional(),
    ),
    online: doc(
      "Processes that Pulp itself counts as online, of pods that are there.",
      z
        .object({
          apiProcesses: count("Processes of api, several in each pod."),
          contentProcesses: count("Processes of content, several in each pod."),
          workers: count("Workers, one in each pod."),
        })
        .optional(),
    ),
    tasks: doc(
      "Tasks that wait and run.",
      z.object({ waiting: count("Not begun."), running: count("Being worked on.") }).optional(),
    ),
    cacheConnected: doc("Whether Pulp reaches its cache; absent without one.", z.boolean().optional()),
  }),
  printerColumns: [
    { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: "Version", type: "string", jsonPath: ".status.version" },
    { name: "URL", type: "string", jsonPath: ".status.url" },
    { name: "Waiting for", type: "string", jsonPath: ".status.next" },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  ],
});
