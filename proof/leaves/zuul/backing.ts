/** Database, ZooKeeper and keystore: the operator's own, or somebody else's. */
import { type Leaves, specAt, under } from "../leaf.ts";
import { podLeaves } from "../shapes/pod.ts";
import { secretRefLeaves } from "../shapes/secret-ref.ts";
import { storageLeaves } from "../shapes/storage.ts";
import { daemons, nodepool } from "./workloads.ts";

const readers = ["scheduler", "web"] as const;
const elsewhere = { hosts: "one.example.org:2281", tls: { secretName: "s" } };

export const backing: Leaves = {
  ...under("database", {
    secretName: {
      to: "other",
      rolls: ["database", ...readers],
      rotates: readers,
      also: specAt("database.mode", null),
      wrong: "Other_Name",
      refusal: 'Secret "Other_Name"',
    },
    key: {
      to: "second",
      rolls: readers,
      given: { database: { mode: null, secretName: "s" } },
      wrong: "a/b",
      refusal: 'the key "a/b"',
    },
    mode: {
      to: "single",
      rolls: ["database", ...readers],
      given: { database: { mode: null, secretName: "s" } },
      also: { database: { secretName: null } },
    },
    image: { to: "example.org/own:1", rolls: ["database"] },
  }),
  ...storageLeaves("database.storage"),
  ...podLeaves("database.pod", ["database"]),
  ...under("zookeeper", {
    hosts: {
      to: elsewhere.hosts,
      rolls: ["zookeeper", ...daemons, ...nodepool],
      also: { zookeeper: elsewhere },
      wrong: "one.example.org",
    },
    "tls.secretName": {
      to: "other",
      rolls: [...daemons, ...nodepool],
      // Its files are read at each connect, and the kubelet renews them in place.
      rotates: [],
      given: { zookeeper: elsewhere },
      wrong: "Other_Name",
      refusal: 'Secret "Other_Name"',
    },
    session_timeout: { to: 60, rolls: daemons },
    count: { to: 5, rolls: [], fixed: "InvalidSpec", wrong: 2 },
    image: { to: "example.org/own:1", rolls: ["zookeeper"] },
  }),
  ...storageLeaves("zookeeper.storage"),
  ...podLeaves("zookeeper.pod", ["zookeeper"]),
  ...secretRefLeaves("keystore", ["executor", ...readers]),
};
