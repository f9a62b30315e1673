/** The programs that read zuul.conf, and which connections each of them loads. Pure. */

/** Programs with a zuul.conf of their own, in the order in which they are rolled out. */
export const daemons = ["executor", "merger", "scheduler", "web", "fingergw"] as const;
export type Daemon = (typeof daemons)[number];

/** What a driver can be for Zuul; decides which daemons build its connection. */
export type Role = "source" | "reporter" | "provider";

/** Daemons that instantiate connections of a role; sections of other drivers are left out of their file. */
export const loadersOf: Readonly<Record<Role, readonly Daemon[]>> = {
  source: ["executor", "merger", "scheduler", "web"],
  reporter: ["scheduler", "web"],
  provider: ["scheduler", "web"],
};
