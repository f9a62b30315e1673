/** Who a pod runs as and how far it is confined. The default satisfies the `restricted` Pod Security profile. Pure. */
import type { V1PodSecurityContext } from "@kubernetes/client-node";
import { given } from "./given.ts";

/**
 * `privileged`: containers of the pod may ask for it. `userNamespaces`: root inside is nobody outside and `/proc` is
 * unmasked, so that a nested sandbox works under the `baseline` profile (containerd 2 or runc 1.2, and newer).
 */
export type SecurityLevel = "restricted" | "privileged" | "userNamespaces";

export interface PodSecurity {
  /** Default `restricted`. */
  readonly level?: SecurityLevel;
  /** Absent: the image's user; on OpenShift the one that the namespace gives. 0 needs a level other than restricted. */
  readonly runAsUser?: number;
  readonly runAsGroup?: number;
  /** Group of volumes, changed only when their root folder has another one. */
  readonly fsGroup?: number;
  readonly supplementalGroups?: readonly number[];
}

/** Only the restricted level names the seccomp profile: the runtime's default blocks nested namespaces. */
export function podSecurityContext(security: PodSecurity): V1PodSecurityContext {
  const { level = "restricted", runAsUser, runAsGroup, fsGroup, supplementalGroups } = security;
  if (level === "restricted" && runAsUser === 0) throw new Error("a restricted pod cannot run as root");
  return {
    ...(runAsUser === 0 ? {} : { runAsNonRoot: true }),
    ...(level === "restricted" ? { seccompProfile: { type: "RuntimeDefault" } } : {}),
    ...given({
      runAsUser,
      runAsGroup,
      fsGroup,
      fsGroupChangePolicy: fsGroup === undefined ? undefined : "OnRootMismatch",
      supplementalGroups: supplementalGroups && [...supplementalGroups],
    }),
  };
}
