/**
 * Images of the backing services, pinned; each is the default of an `image` field. Pure.
 *
 * The contract with an image is its program on PATH and the number of its user, never its entry point. Debian
 * packages have the same programs, so images built from them run from the same manifests.
 */
import type { PodSecurity } from "./pod-security.ts";

export const backingImages = {
  zookeeper: "docker.io/library/zookeeper:3.9.3",
  mariadb: "docker.io/library/mariadb:11.4.5",
  postgres: "docker.io/library/postgres:16.8",
  cache: "docker.io/valkey/valkey:8.0.2",
  nginx: "docker.io/nginxinc/nginx-unprivileged:1.26.3",
} as const;

/** Users of the published images; on OpenShift give `security: {}` instead, as the namespace decides there. */
export const backingUsers = {
  zookeeper: 1000,
  mariadb: 999,
  postgres: 999,
  cache: 999,
  nginx: 101,
} as const;

export function backingSecurity(uid: number): PodSecurity {
  return { runAsUser: uid, runAsGroup: uid, fsGroup: uid };
}
