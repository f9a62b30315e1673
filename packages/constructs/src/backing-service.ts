/** What the constructs of backing services have in common: props, start scripts, their hash. Pure. */
import { type Membership, shortHash } from "@zuul-pulp/k8s-core/model";
import { canonicalJson } from "./canonical-json.ts";
import type { Member } from "./member.ts";
import type { Mount } from "./mount.ts";
import type { PodOverrides } from "./pod-overrides.ts";
import type { PodSecurity } from "./pod-security.ts";

export interface SecretKey {
  readonly name: string;
  readonly key: string;
}

export interface BackingServiceProps {
  /** Name of the workload and of its Service. */
  readonly name: string;
  readonly member: Member;
  readonly image: string;
  /** What the user changed about the pods. */
  readonly pod?: PodOverrides | undefined;
  readonly imagePullSecrets?: readonly { readonly name: string }[] | undefined;
  /** Default: the user of the published image. */
  readonly security?: PodSecurity | undefined;
  readonly deletionPolicy?: "Retain" | "Delete" | undefined;
  /** Who may connect, where network policies are enforced. Absent: every pod of the namespace. */
  readonly clients?: readonly Membership[] | undefined;
}

/** Folder of our scripts and configuration inside a container. */
export const filesPath = "/opt/zuul-pulp";

/** Name of the ConfigMap with a service's scripts. */
export function filesName(name: string): string {
  return `${name}-files`;
}

/** Where the start scripts find the password, as the only file. */
export const passwordPath = "/var/run/password";

export function filesMount(name: string): Mount {
  return { path: filesPath, from: { kind: "configMap", name: filesName(name) } };
}

export function passwordMount({ name, key }: SecretKey): Mount {
  const items = [{ key, path: "password" }];
  return { path: passwordPath, from: { kind: "secret", name, items, mode: 0o440 } };
}

/** Changes with the scripts and with whatever the caller hashed (passwords), and only then. */
export function filesHash(files: Readonly<Record<string, string>>, configHash: string | undefined): string {
  return shortHash(canonicalJson({ files, configHash: configHash ?? "" }));
}

/** A name that goes into SQL as it is, so nothing but letters, digits and underscores. */
export function sqlName(text: string, what: string): string {
  if (!/^[A-Za-z_][A-Za-z0-9_]{0,62}$/.test(text)) throw new Error(`${what} "${text}" is no plain SQL name`);
  return text;
}
