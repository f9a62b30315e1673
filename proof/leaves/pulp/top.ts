/** Fields of no section. */
import { type Leaf, type Leaves, under } from "../leaf.ts";
import { backing, migration, password, processes } from "./workloads.ts";

const pods = [...backing, ...processes, "web"];
const jobs = [migration, password];

const later = (path: string): Leaf => ({
  to: null,
  rolls: [],
  wrong: { some: "thing" },
  refusal: `spec.${path} is not supported yet`,
  noEffect: "not supported yet",
});

export const top: Leaves = {
  image: {
    to: "example.org/own",
    rolls: [migration, ...processes],
    jobsStay: [password],
    wrong: "example.org/own:1",
  },
  version: {
    to: "3.124.0",
    rolls: [migration, ...processes],
    jobsStay: [password],
    oneWay: "DowngradeRefused",
  },
  "imagePullSecrets[].name": { to: "other", rolls: pods, jobsStay: jobs },
  ...under("security", {
    runAsUser: { to: 1700, rolls: processes, jobsStay: jobs },
    runAsGroup: { to: 1700, rolls: processes, jobsStay: jobs },
    fsGroup: { to: 1700, rolls: processes, jobsStay: jobs },
    arbitrary: { to: true, rolls: pods, jobsStay: jobs },
  }),
  settings: {
    to: { ALLOWED_EXPORT_PATHS: ["/two"] },
    rolls: processes,
    wrong: { DATABASES: {} },
    refusal: "spec.settings.DATABASES",
  },
  ...under("upgrade", {
    strategy: { to: "Auto", rolls: [], noEffect: "there is one" },
    migrationDeadlineSeconds: { to: 7200, rolls: [], jobsStay: [migration] },
    backupBefore: { to: false, rolls: [], wrong: true, noEffect: "not supported yet" },
  }),
  signing: later("signing"),
  ldap: later("ldap"),
  telemetry: later("telemetry"),
  trustedCA: later("trustedCA"),
  deletionPolicy: { to: "Delete", rolls: [] },
  paused: { to: true, rolls: [], noEffect: "the loop stands still before this line begins" },
};
