/** Web: its public address is taken up by a smart-reconfigure. */
import { type Leaf, type Leaves, type Json, under } from "../leaf.ts";
import { exposeLeaves } from "../shapes/expose.ts";
import { serviceLeaves } from "./service.ts";

const rolls = (to: Json, more: Partial<Leaf> = {}): Leaf => ({ to, rolls: ["web"], ...more });

export const web: Leaves = {
  ...serviceLeaves("web"),
  ...exposeLeaves({ place: "web.expose", onUrl: [], hasIngress: true }),
  ...under("web", {
    status_url: { to: "https://zuul.example.org", rolls: [], wrong: "zuul.example.org" },
    websocket_url: { to: "wss://zuul.example.org", rolls: [] },
    stats_url: rolls("https://stats.example.org"),
    stats_type: rolls("graphite"),
    static_cache_expiry: rolls(60),
    zone: rolls("one"),
    auth_log_file_requests: rolls(true),
  }),
};
