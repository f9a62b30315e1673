/** Who is who: workloads and Jobs of the Pulp in `pulp-line.ts`. Data. */

/** Pods that run Pulp itself. */
export const processes = ["api", "content", "worker"] as const;
/** Jobs; one that rolls runs again under another name. */
export const migration = "migrate";
export const password = "set-password";
export const backing = ["cache", "database"] as const;
