/** Who is who: workloads of the Zuul in `zuul-line.ts`. Data. */

/** Zuul's own programs, in order of name. */
export const daemons = ["executor", "fingergw", "merger", "scheduler", "web"] as const;
export const launchers = ["nodepool-launcher-a", "nodepool-launcher-b"] as const;
export const nodepool = ["nodepool-builder", ...launchers] as const;
export const backing = ["database", "zookeeper"] as const;
export const everything = [...backing, ...daemons, ...nodepool] as const;
