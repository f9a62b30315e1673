/** Schedulers: what a smart-reconfigure takes up restarts nothing. */
import type { Leaves } from "../leaf.ts";
import { serviceLeaves } from "./service.ts";

export const scheduler: Leaves = {
  ...serviceLeaves("scheduler"),
  "scheduler.config": { to: "other-tenants", rolls: [], wrong: 7 },
  "scheduler.default_ansible_version": { to: "11", rolls: [] },
  "scheduler.relative_priority": { to: true, rolls: [] },
  "scheduler.default_hold_expiration": { to: 60, rolls: [] },
  "scheduler.max_hold_expiration": { to: 60, rolls: [] },
};
