/** Mergers: executors merge as well, so they read this section too. */
import { type Leaves, specAt, under } from "../leaf.ts";
import { storageLeaves } from "../shapes/storage.ts";
import { serviceLeaves } from "./service.ts";

const both = ["executor", "merger"] as const;
const given = specAt("merger.storage", { size: "20Gi" });

export const merger: Leaves = {
  ...serviceLeaves("merger", ["executor"]),
  ...storageLeaves("merger.storage", { given }),
  ...under("merger", {
    git_user_email: { to: "zuul@example.org", rolls: both },
    git_user_name: { to: "Zuul", rolls: both },
    git_timeout: { to: 400, rolls: [...both, "scheduler"] },
    git_http_low_speed_limit: { to: 2000, rolls: both },
    git_http_low_speed_time: { to: 40, rolls: both },
  }),
};
