/** Connections and the other sections of zuul.conf that pass through. */
import { type Leaves } from "../leaf.ts";
import { secretRefLeaves } from "../shapes/secret-ref.ts";
import { nodepool } from "./workloads.ts";

const server = { driver: "gerrit", user: "zuul", password: { secretName: "s" } };

export const sections: Leaves = {
  connections: {
    to: { gerrit: { ...server, server: "two.example.org" } },
    rolls: ["executor", "merger", "scheduler", "web"],
    wrong: { gerrit: { driver: "gerrit", user: "zuul" } },
    refusal: "spec.connections.gerrit.server",
  },
  auth: {
    to: {
      operator: {
        driver: "HS256",
        realm: "two",
        client_id: "c",
        issuer_id: "i",
        secret: { secretName: "s" },
      },
    },
    rolls: ["web"],
    wrong: { operator: { driver: "HS256" } },
    refusal: "spec.auth.operator.client_id",
  },
  ...secretRefLeaves("externalConfig.*", nodepool),
  ansibleCallbacks: {
    to: { one: { some_option: "two" } },
    rolls: ["executor"],
    wrong: { one: { a: ["b"] } },
    refusal: "spec.ansibleCallbacks.one.a",
  },
  statsd: {
    to: { server: "two.example.org" },
    rolls: ["executor", "scheduler", "web", ...nodepool],
    wrong: { port: 8125 },
    refusal: "spec.statsd.server",
  },
  tracing: {
    to: { enabled: true, endpoint: "two.example.org:4317" },
    rolls: ["executor", "merger", "scheduler", "web"],
    wrong: { protocol: "carrier pigeon" },
    refusal: "spec.tracing.protocol",
  },
  oidc: {
    to: { signing_key_rotation_interval: 3600 },
    rolls: [],
    wrong: { signing_key_rotation_interval: "often" },
    refusal: "spec.oidc.signing_key_rotation_interval",
  },
};
