/** Changes of the spec that are more than a number of pods. */
import type { Scenario } from "./scenario.ts";

const change = (
  operator: Scenario["operator"],
  name: string,
  meaning: string,
  spec: object,
  back: object,
): Scenario => ({
  operator,
  name,
  meaning,
  begins: "installed",
  ends: "present",
  act: (hand) => hand.edit({ spec }),
  undo: (hand) => hand.edit({ spec: back }),
});

export const scenarios: readonly Scenario[] = [
  change(
    "zuul",
    "change-connection",
    "a connection is added: every program that loads it rolls",
    { connections: { second: { driver: "git", baseurl: "https://second.example.org" } } },
    { connections: { second: null } },
  ),
  change(
    "zuul",
    "change-part",
    "a part that was there goes, and another comes",
    { fingergw: { expose: { type: "NodePort" } }, web: { expose: { type: "NodePort" } } },
    { fingergw: { expose: null }, web: { expose: null } },
  ),
  change(
    "pulp",
    "change-setting",
    "a setting of Pulp: api, content and worker roll, and a migration runs if its inputs changed",
    { settings: { ALLOWED_EXPORT_PATHS: ["/tmp"] } },
    { settings: { ALLOWED_EXPORT_PATHS: null } },
  ),
  change(
    "pulp",
    "change-part",
    "nginx goes and the cache goes: pruned, and what used them rolls",
    { expose: { type: "None" }, cache: { enabled: false, single: null } },
    { expose: { type: "ClusterIP" }, cache: { enabled: true, single: {} } },
  ),
];
