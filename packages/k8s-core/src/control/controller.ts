/** What a controller is, as data: everything else (watches, wake-ups, RBAC) follows from this declaration. Pure. */
import type { KindSpec } from "../kinds.ts";
import type { Grants } from "../model/grant.ts";
import type { ReconcileIO } from "../model/io.ts";
import type { StatusClaim } from "../model/status.ts";
import type { Prober } from "./prober.ts";

export interface ControllerProps<F = unknown> {
  /** The custom resource. A CrdDefinition fits. */
  readonly definition: {
    readonly group: string;
    readonly kind: string;
    readonly plural: string;
    readonly apiVersion: string;
  };
  /** One per operator and for ever, without a version; also the value of the label `app.kubernetes.io/managed-by`. */
  readonly fieldManager: string;
  /** Value of `app.kubernetes.io/part-of` on all objects of these resources; no two controllers share one. */
  readonly partOf: string;
  /** Kinds of the objects that the line makes; Secrets among them only when some are generated. */
  readonly owns: readonly KindSpec[];
  /** What the line reads by name. */
  readonly reads: readonly ("Secret" | "ConfigMap")[];
  /** Resources reconciled at once. Default 4. */
  readonly concurrency?: number;
  reconcile(raw: unknown, io: ReconcileIO<F>): Promise<StatusClaim>;
  readonly prober?: Prober<F>;
  /** What the administrator granted at install. Default: nothing beyond the namespace. */
  readonly grants?: Grants;
}

export interface Controller<F = unknown> extends ControllerProps<F> {
  readonly resource: KindSpec;
}

/** Declares a controller; starts nothing. */
export function defineController<F = unknown>(props: ControllerProps<F>): Controller<F> {
  const { apiVersion, kind, plural } = props.definition;
  return Object.freeze({ ...props, resource: { apiVersion, kind, plural, namespaced: true } });
}
