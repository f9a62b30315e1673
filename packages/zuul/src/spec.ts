/**
 * What a user writes: the spec of one Zuul. Every field documents itself; the CRD, the reference page and the parser
 * come from here. Options of zuul.conf keep Zuul's spelling, everything else is camelCase. Pure.
 */
import { doc, map, opaque } from "@zuul-pulp/k8s-core/crd";
import { secretRef, configRef } from "@zuul-pulp/secret-ref";
import { z } from "zod";
import { databaseSpec, keystoreSpec, zookeeperSpec } from "./spec/backing.ts";
import { builderSpec, launcherSpec } from "./spec/nodepool.ts";
import {
  executorSpec,
  fingergwSpec,
  jobVolume,
  mergerSpec,
  schedulerSpec,
  sectionSchema,
  webSpec,
} from "./spec/services.ts";

export const defaultZuulVersion = "14.3.0";
export const defaultNodepoolVersion = "11.0.0";

const version = () =>
  z
    .string()
    .max(128)
    .regex(/^[A-Za-z0-9_][A-Za-z0-9._-]*$/);
const later = () => z.object({ count: doc("Must be 0 in this release.", z.int32().min(0).default(0)) });

export const zuulSpec = z.object({
  version: doc("Release of Zuul: the tag of its images.", version().default(defaultZuulVersion)),
  nodepoolVersion: doc(
    "Release of Nodepool: the tag of its images.",
    version().default(defaultNodepoolVersion),
  ),
  imagePrefix: doc(
    "Where the images of Zuul and Nodepool are.",
    z.string().min(1).max(400).default("quay.io/zuul-ci"),
  ),
  imagePullSecrets: doc(
    "Secrets for pulling images.",
    z
      .array(z.object({ name: doc("Name of a Secret.", z.string().min(1).max(253)) }))
      .max(10)
      .optional(),
  ),

  scheduler: doc("Decides what runs.", schedulerSpec),
  executor: doc("Runs jobs.", executorSpec.prefault({})),
  merger: doc("Merges and reads configuration, beside the executors.", mergerSpec.prefault({})),
  web: doc("Serves the UI, the API and webhooks.", webSpec.prefault({})),
  fingergw: doc("Serves console streams over the finger protocol.", fingergwSpec.prefault({})),
  launcher: doc("Nodepool's launchers.", launcherSpec.optional()),
  builder: doc("Nodepool's image builders.", builderSpec.optional()),
  zuulLauncher: doc("zuul-launcher, Nodepool's successor: not supported yet.", later().optional()),
  registry: doc("zuul-registry: not supported yet.", later().optional()),
  preview: doc("zuul-preview: not supported yet.", later().optional()),

  database: doc(
    "Where builds are recorded: an existing database, or {mode: single}.",
    databaseSpec.optional(),
  ),
  zookeeper: doc(
    "Zuul's memory: an existing ensemble, or one that the operator runs.",
    zookeeperSpec.prefault({}),
  ),
  keystore: doc(
    'Password that encrypts the projects\' keys; key "password". Omitted: generated once and kept. Never change it.',
    keystoreSpec.optional(),
  ),

  connections: doc(
    "Code hosts, reporters and clouds: name → driver and its options. A secret option takes {secretName, key?}.",
    map(opaque(), { max: 100 }).optional(),
  ),
  auth: doc(
    "Who may administer tenants: name → driver and its options, as in zuul.conf.",
    map(opaque(), { max: 20 }).optional(),
  ),
  externalConfig: doc(
    "Files for the pods that talk to clouds: openstack, kubernetes, amazon and others, each mounted at /etc/NAME.",
    map(secretRef(), { max: 20 }).optional(),
  ),
  jobVolumes: doc("Volumes that playbooks see.", z.array(jobVolume).max(50).optional()),
  ansibleCallbacks: doc(
    "Callback plugins of Ansible in jobs: name → options, one section [ansible_callback NAME] each.",
    map(opaque(), { max: 20 }).optional(),
  ),
  logging: doc(
    "What the services log.",
    z
      .object({
        debug: doc("Log at level DEBUG.", z.boolean().default(false)),
        config: doc(
          "A logging configuration, which wins over debug: YAML or JSON where its key ends so, else Python's INI form. " +
            'Key: "logging.yaml".',
          configRef().optional(),
        ),
      })
      .prefault({}),
  ),
  statsd: sectionSchema("Where statistics are sent: the options of section [statsd]."),
  tracing: sectionSchema("OpenTelemetry: the options of section [tracing]."),
  oidc: sectionSchema("Zuul as an identity provider of jobs: the options of section [oidc]."),

  deletionPolicy: doc(
    "What becomes of volumes and generated keys when this resource is deleted.",
    z.enum(["Retain", "Delete"]).default("Retain"),
  ),
  paused: doc("Leave everything as it is.", z.boolean().default(false)),
});

export type ZuulSpec = Readonly<z.output<typeof zuulSpec>>;
