/** The operator's own ZooKeeper and database, when the user has none. Pure. */
import { MariaDbSingle, ZooKeeperEnsemble } from "@zuul-pulp/constructs";
import { Construct } from "constructs";
import type { Membership } from "@zuul-pulp/k8s-core/model";
import { type Component, memberOf, membershipOf, nameOf } from "../names.ts";
import { databaseName, databaseUser } from "../own-sections.ts";
import type { DaemonParts } from "./pod.ts";

const zooKeeperClients: readonly Component[] = [
  "scheduler",
  "executor",
  "merger",
  "web",
  "fingergw",
  "nodepool-launcher",
  "nodepool-builder",
];
const databaseClients: readonly Component[] = ["scheduler", "web"];

export class Backing extends Construct {
  constructor(scope: Construct, { zuul, config }: DaemonParts) {
    super(scope, "backing");
    const { spec, namespace, zookeeper, database } = zuul;
    const clients = (components: readonly Component[]): readonly Membership[] =>
      components.map((component) => membershipOf(zuul, component));
    if (zookeeper.kind === "managed" && config.zooKeeperServer !== undefined) {
      new ZooKeeperEnsemble(this, "zookeeper", {
        name: nameOf(zuul, "zookeeper"),
        member: memberOf(zuul, "zookeeper"),
        namespace,
        count: zookeeper.count,
        image: zookeeper.image,
        storage: zookeeper.storage,
        serverSecret: config.zooKeeperServer.secretName,
        configHash: config.zooKeeperServer.hash,
        clients: clients(zooKeeperClients),
        pod: spec.zookeeper.pod,
        imagePullSecrets: spec.imagePullSecrets,
        deletionPolicy: spec.deletionPolicy,
      });
    }
    if (database.kind === "single" && config.database !== undefined) {
      new MariaDbSingle(this, "database", {
        name: nameOf(zuul, "database"),
        member: memberOf(zuul, "database"),
        image: database.image,
        storage: database.storage,
        database: databaseName,
        user: databaseUser,
        passwordSecret: { name: config.database.secretName, key: "password" },
        configHash: config.database.hash,
        clients: clients(databaseClients),
        pod: spec.database?.pod,
        imagePullSecrets: spec.imagePullSecrets,
        deletionPolicy: spec.deletionPolicy,
      });
    }
  }
}
