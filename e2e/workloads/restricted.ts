/** What a pod needs to be let into a namespace where only restricted ones may run. */
export const restrictedPod = {
  automountServiceAccountToken: false,
  terminationGracePeriodSeconds: 1,
  securityContext: {
    runAsNonRoot: true,
    runAsUser: 65534,
    fsGroup: 65534,
    seccompProfile: { type: "RuntimeDefault" },
  },
} as const;

export const restrictedContainer = {
  allowPrivilegeEscalation: false,
  capabilities: { drop: ["ALL"] },
} as const;
