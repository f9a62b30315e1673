/** Where artifacts and everything else are kept. */
import { type Leaves, specAt, under } from "../leaf.ts";
import { podLeaves } from "../shapes/pod.ts";
import { meaningless, secretRefLeaves } from "../shapes/secret-ref.ts";
import { storageLeaves } from "../shapes/storage.ts";
import { processes } from "./workloads.ts";

const s3 = {
  given: {
    storage: { filesystem: null, s3: { bucket: "one", region: "one", credentials: { secretName: "s" } } },
  },
} as const;
const external = { given: { database: { single: null, secretName: "s" } } } as const;

const later = (path: string): Leaves[string] => ({
  to: null,
  rolls: [],
  wrong: {},
  refusal: `spec.${path}`,
  noEffect: "not supported yet",
});

export const backing: Leaves = {
  ...under("storage", {
    "filesystem.size": { to: "200Gi", rolls: [], oneWay: "ShrinkRefused" },
    "filesystem.storageClassName": { to: "fast", rolls: [] },
    "filesystem.accessMode": { to: "ReadWriteOnce", rolls: [], fixed: "StorageChangeRefused" },
    "filesystem.existingClaim": { to: "mine", rolls: processes },
    "s3.bucket": { to: "two", rolls: [], ...s3, fixed: "StorageChangeRefused" },
    "s3.region": { to: "two", rolls: processes, ...s3 },
    "s3.endpoint": { to: "https://s3.example.org", rolls: processes, ...s3, wrong: "s3.example.org" },
    "s3.addressing": { to: "path", rolls: processes, ...s3 },
    "s3.prefix": { to: "two", rolls: [], ...s3, fixed: "StorageChangeRefused" },
    azure: later("storage"),
    gcs: later("storage"),
  }),
  ...secretRefLeaves("storage.s3.credentials", processes, s3),
  "storage.s3.credentials.key": meaningless("storage.s3.credentials", s3),
  ...under("database", {
    secretName: {
      to: "other",
      rolls: [],
      ...external,
      fixed: "DatabaseChangeRefused",
      rotates: processes,
      wrong: "Other_Name",
      refusal: 'Secret "Other_Name"',
    },
    maxConnections: {
      to: 500,
      rolls: [],
      ...external,
      wrong: 5,
      noEffect: "only more replicas than it allows are refused",
    },
    "single.image": { to: "example.org/own:1", rolls: ["database"] },
    "single.maxConnections": { to: 300, rolls: ["database"], given: { worker: { replicas: 50 } }, wrong: 20 },
    cnpg: later("database"),
  }),
  ...storageLeaves("database.single.storage", {}, { oneWay: "ShrinkRefused" }),
  ...podLeaves("database.single.pod", ["database"]),
  ...under("cache", {
    enabled: { to: false, rolls: ["cache", ...processes] },
    secretName: {
      to: "other",
      rolls: ["cache", ...processes],
      rotates: processes,
      also: specAt("cache.single", null),
      wrong: "Other_Name",
      refusal: 'Secret "Other_Name"',
    },
    "single.image": { to: "example.org/own:1", rolls: ["cache"] },
    "single.maxMemoryMiB": { to: 256, rolls: ["cache"] },
  }),
  ...podLeaves("cache.single.pod", ["cache"]),
};
