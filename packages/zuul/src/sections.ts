/**
 * The sections of zuul.conf that are not connections: who reads which option, what the operator keeps for itself. Pure.
 * @see Zuul 14.3.0 source; the table in `least-privilege.test.ts`
 */
import type { Daemon } from "./daemons.ts";
import type { OptionTable } from "./options.ts";

const text = { kind: "text" } as const;
const integer = { kind: "integer" } as const;

export interface SectionRule {
  readonly readers: readonly Daemon[];
  readonly options: OptionTable;
  /** Set by the operator alone: paths, ports and what would bypass a field of the resource. */
  readonly owned: readonly string[];
}

const everywhere = ["command_socket", "pidfile", "log_config", "prometheus_port", "prometheus_addr"] as const;

/** Sections of the services; the keys of their fields are known from the spec, the rest may come through `options`. */
export const serviceSections = {
  scheduler: {
    readers: ["scheduler"],
    options: {},
    owned: [...everywhere, "tenant_config", "tenant_config_script"],
  },
  executor: {
    readers: ["executor"],
    options: {
      winrm_cert_key_file: { kind: "secretFile" },
      winrm_cert_pem_file: { kind: "secretFile" },
      winrm_operation_timeout_sec: text,
      winrm_read_timeout_sec: text,
      output_max_bytes: integer,
      ansible_root: text,
      hostname: text,
    },
    owned: [
      ...everywhere,
      "finger_port",
      "state_dir",
      "git_dir",
      "job_dir",
      "private_key_file",
      "variables",
      "user",
      "trusted_ro_paths",
      "trusted_rw_paths",
      "untrusted_ro_paths",
      "untrusted_rw_paths",
    ],
  },
  merger: {
    readers: ["executor", "merger"],
    options: {},
    owned: [...everywhere, "git_dir"],
  },
  web: {
    readers: ["web"],
    options: { static_path: text },
    owned: [...everywhere, "root", "listen_address", "port"],
  },
  fingergw: {
    readers: ["fingergw"],
    options: {
      tls_cert: { kind: "file", readers: ["executor", "fingergw", "web"], needs: ["tls_key", "tls_ca"] },
      tls_key: {
        kind: "secretFile",
        readers: ["executor", "fingergw", "web"],
        needs: ["tls_cert", "tls_ca"],
      },
      tls_ca: { kind: "file", readers: ["executor", "fingergw", "web"], needs: ["tls_cert", "tls_key"] },
      tls_verify_hostnames: { kind: "boolean", readers: ["fingergw", "web"] },
      tls_client_only: { kind: "boolean" },
    },
    owned: [...everywhere, "listen_address", "port", "public_port", "user"],
  },
} as const satisfies Readonly<Record<Daemon, SectionRule>>;

/** Readers of a field of the spec when they differ from those of its section. */
export const fieldReaders: Readonly<Record<string, readonly Daemon[]>> = {
  "merger.git_timeout": ["executor", "merger", "scheduler"],
  "web.websocket_url": ["scheduler", "web"],
};

/** @see zuul/lib/tracing.py of Zuul 14.3.0 */
const grpc = { option: "protocol", value: "grpc", isDefault: true, when: "enabled" } as const;
const http = { option: "protocol", value: "http/protobuf", when: "enabled" } as const;

/** Sections that are passed through under their own name when the resource has them. */
export const plainSections = {
  statsd: {
    readers: ["executor", "scheduler", "web"],
    options: { server: { ...text, required: true }, port: integer, prefix: text },
    owned: [],
  },
  tracing: {
    readers: ["executor", "merger", "scheduler", "web"],
    options: {
      enabled: { kind: "boolean" },
      protocol: { ...text, oneOf: ["grpc", "http/protobuf"] },
      endpoint: text,
      service_name: text,
      timeout: integer,
      compression: text,
      tls_cert: { kind: "file", needs: ["tls_key"], onlyWith: grpc },
      tls_key: { kind: "secretFile", needs: ["tls_cert"], onlyWith: grpc },
      tls_ca: { kind: "file", onlyWith: grpc },
      certificate_file: { kind: "file", onlyWith: http },
      insecure: { kind: "boolean", onlyWith: grpc },
    },
    owned: [],
  },
  oidc: {
    readers: ["scheduler", "web"],
    options: {
      supported_signing_algorithms: { kind: "list" },
      default_signing_algorithm: text,
      signing_key_rotation_interval: integer,
    },
    owned: [],
  },
} as const satisfies Readonly<Record<string, SectionRule>>;

/**
 * Options that a smart-reconfigure re-reads: they restart nothing. Zuul keeps them in ZooKeeper for everybody.
 * @see zuul/model.py of Zuul 14.3.0, `SystemAttributes.updateFromConfig`
 */
export const reconfigurable: ReadonlySet<string> = new Set([
  "web.root",
  "web.websocket_url",
  "scheduler.default_ansible_version",
  "scheduler.relative_priority",
  "scheduler.default_hold_expiration",
  "scheduler.max_hold_expiration",
  "oidc.supported_signing_algorithms",
  "oidc.default_signing_algorithm",
  "oidc.signing_key_rotation_interval",
]);
