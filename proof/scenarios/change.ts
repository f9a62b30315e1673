/** Changes of the spec that are more than a number of pods. */
import { type Scenario, specChanged } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [
  specChanged(
    "zuul",
    "change-connection",
    "a connection is added: every program that loads it rolls",
    { connections: { second: { driver: "git", baseurl: "https://second.example.org" } } },
    { connections: { second: null } },
  ),
  specChanged(
    "zuul",
    "change-part",
    "a part that was there goes, and another comes",
    { fingergw: { expose: { type: "NodePort" } }, web: { expose: { type: "NodePort" } } },
    { fingergw: { expose: null }, web: { expose: null } },
  ),
  specChanged(
    "pulp",
    "change-setting",
    "a setting of Pulp: api, content and worker roll, and a migration runs if its inputs changed",
    { settings: { ALLOWED_EXPORT_PATHS: ["/tmp"] } },
    { settings: { ALLOWED_EXPORT_PATHS: null } },
  ),
  specChanged(
    "pulp",
    "change-part",
    "nginx goes and the cache goes: pruned, and what used them rolls",
    { expose: { type: "None" }, cache: { enabled: false, single: null } },
    { expose: { type: "ClusterIP" }, cache: { enabled: true, single: {} } },
  ),
];
