/** What must not compile. */
import type { Container, EnvVar, Probe } from "./container.ts";
import type { VolumeSource } from "./mount.ts";
import type { PodOverrides } from "./pod-overrides.ts";
import type { ZooKeeperCount } from "./zookeeper-ensemble.ts";

// @ts-expect-error an even ensemble adds nothing
export const even: ZooKeeperCount = 2;

// @ts-expect-error a Secret without a key
export const keyless: EnvVar = { name: "A", secretName: "s" };

// @ts-expect-error a probe has one action
export const idle: Probe = { periodSeconds: 5 };

// @ts-expect-error volumes come with mounts, by their source, never by a name of their own
export const named: VolumeSource = { kind: "secret" };

// @ts-expect-error no raw security context
export const raw: Container = { name: "a", image: "b", securityContext: { privileged: true } };

// @ts-expect-error users choose no service account
export const account: PodOverrides = { serviceAccountName: "admin" };
