/** Something that happens once: a migration, a first password. Pure. */
import type { V1Job } from "@kubernetes/client-node";
import { Construct } from "constructs";
import { type Member, objectLabels } from "./member.ts";
import { given } from "./given.ts";
import { type PodTemplate, podTemplateManifest } from "./pod-template.ts";
import { ServiceAccountObject } from "./service-account.ts";
import { TypedObject } from "./typed-object.ts";

export interface ExitRule {
  readonly codes: readonly number[];
  /** `ignore`: tried again without counting. `fail`: the Job fails at once. */
  readonly action: "ignore" | "fail";
}

export interface OneShotJobProps {
  /** Must carry a hash of everything that decides what the Job does: what is complete never runs again under its name. */
  readonly name: string;
  readonly member: Member;
  readonly pod: PodTemplate;
  /** How many pods may fail; default 3. */
  readonly backoffLimit?: number;
  readonly activeDeadlineSeconds?: number;
  /** What an exit code of the main container means; first match counts. Other failures count as usual. */
  readonly onExit?: readonly ExitRule[];
  /** Absent: kept until it is no longer wanted. A Job that is gone would be made again, so do not set it for those. */
  readonly ttlSecondsAfterFinished?: number;
}

/** A failed pod stays, so that its log can be read; a new one takes its place. */
export class OneShotJob extends Construct {
  constructor(scope: Construct, id: string, props: OneShotJobProps) {
    super(scope, id);
    const {
      name,
      member,
      pod,
      backoffLimit = 3,
      activeDeadlineSeconds,
      onExit,
      ttlSecondsAfterFinished,
    } = props;
    const annotations = pod.overrides?.serviceAccountAnnotations;
    if (annotations !== undefined) new ServiceAccountObject(this, "account", { name, member, annotations });
    new TypedObject(this, "job", {
      apiVersion: "batch/v1",
      kind: "Job",
      metadata: { name, labels: objectLabels(member) },
      spec: {
        backoffLimit,
        ...given({
          activeDeadlineSeconds,
          ttlSecondsAfterFinished,
          podFailurePolicy: onExit && {
            rules: onExit.map((rule) => exitRule(rule, pod.containers[0]?.name ?? "")),
          },
        }),
        template: podTemplateManifest(pod, {
          member,
          isSpread: false,
          restartPolicy: "Never",
          ...(annotations === undefined ? {} : { serviceAccountName: name }),
        }),
      },
    } satisfies V1Job);
  }
}

function exitRule({ codes, action }: ExitRule, containerName: string) {
  const values = [...codes].sort((a, b) => a - b);
  return {
    action: action === "ignore" ? "Ignore" : "FailJob",
    onExitCodes: { containerName, operator: "In", values },
  };
}
