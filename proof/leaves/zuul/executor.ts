/** Executors: every option restarts them and nobody else; key for nodes and site variables are read for each build. */
import { type Leaf, type Leaves, type Json, under } from "../leaf.ts";
import { secretRefLeaves } from "../shapes/secret-ref.ts";
import { storageLeaves } from "../shapes/storage.ts";
import { serviceLeaves } from "./service.ts";

const rolls = (to: Json): Leaf => ({ to, rolls: ["executor"] });

export const executor: Leaves = {
  ...serviceLeaves("executor"),
  ...secretRefLeaves("executor.sshkey", []),
  ...storageLeaves("executor.storage"),
  ...under("executor", {
    variables: { to: { configMapName: "other-files" }, rolls: [], wrong: 7 },
    ansible_setup_timeout: rolls(90),
    manage_ansible: rolls(true),
    default_username: rolls("ubuntu"),
    disk_limit_per_job: rolls(500),
    load_multiplier: rolls(3.5),
    max_starting_builds: rolls(4),
    min_avail_hdd: rolls(7.5),
    min_avail_inodes: rolls(7),
    min_avail_mem: rolls(7),
    merge_jobs: rolls(false),
    paused_on_start: rolls(true),
    sigterm_method: rolls("stop"),
    zone: rolls("one"),
    allow_unzoned: rolls(true),
  }),
};
