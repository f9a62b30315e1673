/** Fields of no section. */
import { type Leaf, type Leaves, under } from "../leaf.ts";
import { backing, migration, password, processes } from "./workloads.ts";

const pods = [...backing, ...processes, "web"];

const later = (path: string): Leaf => ({
  to: null,
  rolls: [],
  wrong: { some: "thing" },
  refusal: `spec.${path} is not supported yet`,
  noEffect: "not supported yet",
});

export const top: Leaves = {
  image: { to: "example.org/own", rolls: [migration, ...processes], wrong: "example.org/own:1" },
  version: { to: "3.124.0", rolls: [migration, ...processes] },
  "imagePullSecrets[].name": { to: "other", rolls: pods },
  ...under("security", {
    runAsUser: { to: 1700, rolls: processes },
    runAsGroup: { to: 1700, rolls: processes },
    fsGroup: { to: 1700, rolls: processes },
    arbitrary: { to: true, rolls: pods },
  }),
  settings: {
    to: { ALLOWED_EXPORT_PATHS: ["/two"] },
    rolls: processes,
    wrong: { DATABASES: {} },
    refusal: "spec.settings.DATABASES",
  },
  ...under("upgrade", {
    strategy: { to: "Auto", rolls: [], noEffect: "there is one" },
    migrationDeadlineSeconds: { to: 7200, rolls: [] },
    backupBefore: { to: false, rolls: [], wrong: true, noEffect: "not supported yet" },
  }),
  signing: later("signing"),
  ldap: later("ldap"),
  telemetry: later("telemetry"),
  trustedCA: later("trustedCA"),
  deletionPolicy: { to: "Delete", rolls: [] },
  paused: { to: true, rolls: [], noEffect: "the loop stands still before this line begins" },
};
void password;
