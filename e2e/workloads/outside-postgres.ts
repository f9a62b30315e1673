/** A PostgreSQL that is somebody else's, for a Pulp that is only given its address. Manifests. */
import { randomBytes } from "node:crypto";
import { backingImages, PostgresSingle, synthesize } from "@zuul-pulp/constructs";
import type { Manifest } from "@zuul-pulp/k8s-core/model";
import { imagesUnderTest } from "./cluster-under-test.ts";
import { secret } from "./pulp-under-test.ts";

export interface OutsidePostgres {
  readonly manifests: readonly Manifest[];
  /** What a Pulp needs to know, as its Secret has it. */
  readonly access: Readonly<Record<string, string>>;
}

export function outsidePostgres(namespace: string): OutsidePostgres {
  const name = "outside-pulp";
  const password = randomBytes(12).toString("hex");
  const member = { name: "postgres", instance: name, component: "database", partOf: "e2e", managedBy: "e2e" };
  const manifests = synthesize(
    (scope) => {
      new PostgresSingle(scope, "database", {
        name,
        member,
        image: imagesUnderTest().postgres ?? backingImages.postgres,
        storage: { size: "1Gi" },
        database: "content",
        user: "pulp",
        passwordSecret: { name: `${name}-password`, key: "password" },
      });
    },
    { namespace },
  );
  return {
    manifests: [secret(`${name}-password`, { password }), ...manifests],
    access: { host: name, port: "5432", user: "pulp", password, dbname: "content", sslmode: "prefer" },
  };
}
