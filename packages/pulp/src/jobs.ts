/** What happens once: the migration of the database, and the password of user admin. Jobs named by their inputs. Pure. */
import { type Container, OneShotJob } from "@zuul-pulp/constructs";
import { Construct } from "constructs";
import type { PulpConfig } from "./config.ts";
import { processEnv, processMounts, security } from "./daemon-pod.ts";
import { workFolders } from "./folders.ts";
import { memberOf, migrationJobName } from "./names.ts";
import type { Pulp } from "./parse.ts";
import { childName } from "@zuul-pulp/k8s-core/model";
import { exitCodes, scriptsFolder } from "./scripts.ts";

export function migrationName({ name }: Pulp, { migrationHash }: PulpConfig): string {
  return migrationJobName(name, migrationHash);
}

export function passwordJobName({ name }: Pulp, { passwordHash }: PulpConfig): string {
  return childName([name, "set-password", passwordHash]);
}

/** Runs while the old version serves; nothing new starts before it is complete. */
export class Migration extends Construct {
  constructor(scope: Construct, id: string, pulp: Pulp, config: PulpConfig) {
    super(scope, id);
    new OneShotJob(this, "job", {
      name: migrationName(pulp, config),
      member: memberOf(pulp.name, "migration", pulp.spec.version),
      backoffLimit: 2,
      onExit: [
        // Both are mended without another Job: the next pod reads the mended Secret.
        { codes: [exitCodes.databaseUnreachable, exitCodes.settingsRefused], action: "ignore" },
        {
          codes: [
            exitCodes.databaseTooOld,
            exitCodes.imageUnsuitable,
            exitCodes.wrongKey,
            exitCodes.pluginMissing,
            exitCodes.pluginTooOld,
          ],
          action: "fail",
        },
      ],
      pod: pod(pulp, {
        name: "migrate",
        image: pulp.image,
        command: [
          "python3",
          `${scriptsFolder}/migrate.py`,
          String(pulp.spec.upgrade.migrationDeadlineSeconds),
          ...workFolders,
        ],
        env: [...processEnv],
        mounts: [...processMounts(pulp, "migration")],
        resources: { requests: { cpu: "50m", memory: "256Mi" }, limits: { memory: "1Gi" } },
      }),
    });
  }
}

const passwordFolder = "/var/run/admin-password";

export class AdminPassword extends Construct {
  constructor(scope: Construct, id: string, pulp: Pulp, config: PulpConfig) {
    super(scope, id);
    const { name, key } = config.adminSecret;
    const secret = { kind: "secret" as const, name, items: [{ key, path: "password" }], mode: 0o440 };
    new OneShotJob(this, "job", {
      name: passwordJobName(pulp, config),
      member: memberOf(pulp.name, "password", pulp.spec.version),
      backoffLimit: 6,
      pod: pod(pulp, {
        name: "set-password",
        image: config.image,
        command: [
          "python3",
          `${scriptsFolder}/set-password.py`,
          `${passwordFolder}/password`,
          ...workFolders,
        ],
        env: [...processEnv],
        mounts: [...processMounts(pulp, "password"), { path: passwordFolder, from: secret }],
        resources: { requests: { cpu: "50m", memory: "192Mi" }, limits: { memory: "1Gi" } },
      }),
    });
  }
}

function pod(pulp: Pulp, container: Container) {
  const { nodeSelector, tolerations, priorityClassName } = pulp.spec.worker.pod ?? {};
  return {
    containers: [container],
    security: security(pulp),
    // Jobs go where workers may go.
    overrides: {
      ...(nodeSelector === undefined ? {} : { nodeSelector }),
      ...(tolerations === undefined ? {} : { tolerations }),
      ...(priorityClassName === undefined ? {} : { priorityClassName }),
    },
    imagePullSecrets: pulp.spec.imagePullSecrets,
  };
}
