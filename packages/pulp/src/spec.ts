/** What a user may ask of one Pulp: the schema that becomes the CRD, the reference page and the parser. Pure. */
import { backingImages, exposeSchema, podSpecSchema, storageSchema } from "@zuul-pulp/constructs";
import { cel, doc, image, listMap, map, opaque, quantity } from "@zuul-pulp/k8s-core/crd";
import { secretRef } from "@zuul-pulp/secret-ref";
import { z } from "zod";

/** The release that this operator was tested with. */
export const defaultPulpVersion = "3.123.1";
export const defaultPulpImage = "quay.io/pulp/pulp-minimal";

const later = (what: string) =>
  doc(`${what} Not supported yet: a value here blocks the resource.`, map(opaque(), { max: 64 }).optional());

const replicas = (what: string) => doc(`Number of ${what} pods.`, z.int32().min(0).max(500).default(1));

const pod = doc(
  "Changes to the pods: resources, placement, environment, volumes.",
  podSpecSchema().optional(),
);

const gunicorn = doc(
  "The server inside each pod.",
  z
    .object({
      workers: doc(
        "Processes per pod. Each holds database connections.",
        z.int32().min(1).max(64).default(2),
      ),
      timeoutSeconds: doc(
        "A process that is silent for so long is replaced.",
        z.int32().min(10).max(3600).default(90),
      ),
    })
    .prefault({}),
);

const webProcess = (what: string) =>
  z.object({ replicas: replicas(what), gunicorn, pod, autoscaling: later("Scaling by load.") });

const storageFields = z.object({
  filesystem: doc(
    "A volume that api, content and worker share.",
    z
      .object({
        size: doc(
          "May grow, cannot shrink. Without meaning for an existingClaim.",
          quantity().prefault("100Gi"),
        ),
        storageClassName: doc(
          "Absent: the cluster's default class. Not with existingClaim.",
          z.string().min(1).max(253).optional(),
        ),
        accessMode: doc(
          "ReadWriteOnce puts all Pulp pods on one node, and a roll-out replaces pods one after the other.",
          z.enum(["ReadWriteMany", "ReadWriteOnce"]).default("ReadWriteMany"),
        ),
        existingClaim: doc(
          "Name of a claim to use instead of a new one.",
          z.string().min(1).max(253).optional(),
        ),
      })
      .optional(),
  ),
  s3: doc(
    "A bucket of an S3 service.",
    z
      .object({
        bucket: doc("Must exist.", z.string().min(3).max(63)),
        region: doc("Region of the bucket.", z.string().min(1).max(63).optional()),
        endpoint: doc("URL of the service; absent: that of AWS.", z.string().max(2048).optional()),
        addressing: doc(
          "`path` for most services other than AWS.",
          z.enum(["auto", "path", "virtual"]).default("auto"),
        ),
        prefix: doc("Folder inside the bucket.", z.string().max(512).optional()),
        credentials: doc(
          "Secret with keys accessKeyId and secretAccessKey; absent: the identity of the pods.",
          secretRef().optional(),
        ),
      })
      .optional(),
  ),
  azure: later("A container of Azure Blob Storage."),
  gcs: later("A bucket of Google Cloud Storage."),
});

const storage = cel(storageFields, {
  rule: "[has(self.filesystem), has(self.s3), has(self.azure), has(self.gcs)].filter(x, x).size() == 1",
  message: "set exactly one of filesystem, s3, azure, gcs",
  check: ({ filesystem, s3, azure, gcs }) =>
    [filesystem, s3, azure, gcs].filter((kind) => kind !== undefined).length === 1,
});

const database = cel(
  z.object({
    secretName: doc(
      "Secret of an external PostgreSQL 14 or later: host, port, user, password, dbname, sslmode, optional sslrootcert.",
      z.string().min(1).max(253).optional(),
    ),
    maxConnections: doc(
      "Connections that an external server (secretName) grants to Pulp; a Pulp that needs more is refused.",
      z.int32().min(1).max(100000).optional(),
    ),
    single: doc(
      "One PostgreSQL pod with a volume, made by the operator. The default.",
      z
        .object({
          image: doc("Program `postgres` on its PATH.", image().default(backingImages.postgres)),
          storage: doc("Volume of the database.", storageSchema({ size: "8Gi" }).prefault({})),
          maxConnections: doc(
            "Connections that the server takes.",
            z.int32().min(20).max(10000).default(200),
          ),
          pod,
        })
        .optional(),
    ),
    cnpg: later("A cluster of CloudNativePG."),
  }),
  {
    rule: "[has(self.secretName), has(self.single), has(self.cnpg)].filter(x, x).size() <= 1",
    message: "set at most one of secretName, single, cnpg",
    check: ({ secretName, single, cnpg }) =>
      [secretName, single, cnpg].filter((kind) => kind !== undefined).length <= 1,
  },
);

const cache = cel(
  z.object({
    enabled: doc(
      "Whether content pods remember answers. False leaves what else stands here for later.",
      z.boolean().default(true),
    ),
    secretName: doc(
      "Secret of an external Redis or Valkey: host, port, optional password, db, tls, ca.crt.",
      z.string().min(1).max(253).optional(),
    ),
    single: doc(
      "One cache pod, made by the operator. The default.",
      z
        .object({
          image: doc(
            "Program `valkey-server` or `redis-server` on its PATH.",
            image().default(backingImages.cache),
          ),
          maxMemoryMiB: doc("Oldest entries go first.", z.int32().min(16).max(65536).default(128)),
          pod,
        })
        .optional(),
    ),
  }),
  {
    rule: "!(has(self.secretName) && has(self.single))",
    message: "set at most one of secretName, single",
    check: ({ secretName, single }) => secretName === undefined || single === undefined,
  },
);

export const pulpSpec = z.object({
  image: doc("Image of Pulp without tag; the tag is `version`.", image().default(defaultPulpImage)),
  version: doc(
    "Tag of the image, normally a pulpcore release. It cannot go back.",
    z.string().min(1).max(128).default(defaultPulpVersion),
  ),
  imagePullSecrets: doc(
    "Secrets for pulling images.",
    listMap(z.object({ name: doc("Name of a Secret.", z.string().min(1).max(253)) }), ["name"], {
      max: 20,
    }).optional(),
  ),
  security: doc(
    "User of the pods: numbers that the image knows, or `arbitrary` where the namespace decides (OpenShift).",
    z
      .object({
        runAsUser: doc("User id.", z.int32().min(1).default(700)),
        runAsGroup: doc("Group id.", z.int32().min(0).default(700)),
        fsGroup: doc("Group that owns volumes.", z.int32().min(0).default(700)),
        arbitrary: doc("Leave all three to the namespace, whatever they say.", z.boolean().default(false)),
      })
      .prefault({}),
  ),
  api: doc("REST API, login, registry and package indexes.", webProcess("api").prefault({})),
  content: doc("Serves content.", webProcess("content").prefault({})),
  worker: doc(
    "Runs tasks, one at a time each.",
    z
      .object({
        replicas: replicas("worker"),
        graceSeconds: doc(
          "Time for a running task to finish when a pod must go.",
          z.int32().min(30).max(604800).default(3600),
        ),
        pod,
        autoscaling: later("Scaling by queue."),
      })
      .prefault({}),
  ),
  web: doc(
    "nginx in front of api and content. Left out with an Ingress, which routes by path itself: then only maxBodySize and timeoutSeconds count, as annotations for ingress-nginx.",
    z
      .object({
        replicas: replicas("web"),
        image: doc("Program `nginx` on its PATH.", image().default(backingImages.nginx)),
        maxBodySize: doc(
          "Largest request body, as nginx writes it; 0 is no limit.",
          z
            .string()
            .regex(/^[0-9]{1,9}[kmgKMG]?$/)
            .default("0"),
        ),
        timeoutSeconds: doc("How long nginx waits for an answer.", z.int32().min(10).max(86400).default(120)),
        pod,
      })
      .prefault({}),
  ),
  expose: doc(
    "How clients reach Pulp. The resulting URL is part of Pulp's settings.",
    exposeSchema(["ClusterIP", "None", "NodePort", "LoadBalancer", "Ingress", "Gateway", "Route"]).prefault({
      type: "ClusterIP",
    }),
  ),
  storage: doc("Where artifacts are kept. Exactly one; it cannot change afterwards.", storage),
  database: doc("Where everything else is kept.", database.prefault({})),
  cache: doc("Speeds up content; never needed.", cache.prefault({})),
  settings: doc(
    "Pulp settings by name. A value, at any depth, may be {secretName, key}.",
    map(opaque(), { max: 200 }).prefault({}),
  ),
  adminPassword: doc(
    "Password of user admin, one line. Absent: generated once. Key defaults to `password`.",
    secretRef().optional(),
  ),
  secretKey: doc("Django's key for sessions. Absent: generated once.", secretRef().optional()),
  fieldEncryptionKey: doc(
    "Fernet keys of the database, one a line. Absent: generated once and kept for ever.",
    secretRef().optional(),
  ),
  tokenSigningKey: doc(
    "Secret with the registry's P-256 key pair: private.pem, public.pem. Absent: generated once.",
    secretRef().optional(),
  ),
  upgrade: doc(
    "How a new version comes.",
    z
      .object({
        strategy: doc("Auto: migrate while the old pods serve, then roll.", z.enum(["Auto"]).default("Auto")),
        migrationDeadlineSeconds: doc(
          "Time limit of one attempt to migrate. An attempt at work keeps the limit that it began with.",
          z.int32().min(60).max(604800).default(3600),
        ),
        backupBefore: doc("Not supported yet: true blocks the resource.", z.boolean().default(false)),
      })
      .prefault({}),
  ),
  signing: later("Signing services."),
  ldap: later("Login by LDAP."),
  telemetry: later("OpenTelemetry."),
  trustedCA: later("Additional certificate authorities."),
  deletionPolicy: doc(
    "Retain keeps volumes and keys when the resource is deleted.",
    z.enum(["Retain", "Delete"]).default("Retain"),
  ),
  paused: doc("Nothing is changed while true.", z.boolean().default(false)),
});

export type PulpSpec = Readonly<z.output<typeof pulpSpec>>;
