/** What a later release will do: refused with what to set instead, never ignored. Pure. */
import type { PulpSpec } from "./spec.ts";

/** One sentence for each; empty when this release can do all that is asked. */
export function unsupported(spec: PulpSpec): readonly string[] {
  const { storage, database, expose, api, content, worker, upgrade } = spec;
  const asked: readonly (readonly [boolean, string])[] = [
    [
      storage.azure !== undefined,
      "spec.storage.azure is not supported yet: set spec.storage.filesystem or spec.storage.s3",
    ],
    [
      storage.gcs !== undefined,
      "spec.storage.gcs is not supported yet: set spec.storage.filesystem or spec.storage.s3",
    ],
    [
      database.cnpg !== undefined,
      "spec.database.cnpg is not supported yet: set spec.database.secretName of a database that you run, or spec.database.single",
    ],
    [
      expose.type === "Gateway",
      "spec.expose.type Gateway is not supported yet: set Ingress, LoadBalancer or NodePort",
    ],
    [
      expose.type === "Route",
      "spec.expose.type Route is not supported yet: set Ingress, which OpenShift turns into Routes",
    ],
    [api.autoscaling !== undefined, "spec.api.autoscaling is not supported yet: set spec.api.replicas"],
    [
      content.autoscaling !== undefined,
      "spec.content.autoscaling is not supported yet: set spec.content.replicas",
    ],
    [
      worker.autoscaling !== undefined,
      "spec.worker.autoscaling is not supported yet: set spec.worker.replicas",
    ],
    [
      upgrade.backupBefore,
      "spec.upgrade.backupBefore is not supported yet: set it to false and back up before you change the version",
    ],
    [spec.signing !== undefined, "spec.signing is not supported yet: remove it"],
    [
      spec.ldap !== undefined,
      "spec.ldap is not supported yet: set AUTH_LDAP_* and AUTHENTICATION_BACKENDS in spec.settings, with an image that has django-auth-ldap",
    ],
    [
      spec.telemetry !== undefined,
      "spec.telemetry is not supported yet: set OTEL_ENABLED in spec.settings and OTEL_* in pod.env",
    ],
    [
      spec.trustedCA !== undefined,
      "spec.trustedCA is not supported yet: mount the bundle with pod.extraVolumes and set SSL_CERT_FILE in pod.env",
    ],
  ];
  return asked.flatMap(([isAsked, sentence]) => (isAsked ? [sentence] : []));
}
