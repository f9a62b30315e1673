/** api, content and worker. */
import { type Leaves, under } from "../leaf.ts";
import { podLeaves } from "../shapes/pod.ts";
import { migration, password } from "./workloads.ts";

const later = (place: string): Leaves[string] => ({
  to: null,
  rolls: [],
  wrong: { minReplicas: 1 },
  refusal: `spec.${place} is not supported yet`,
  noEffect: "not supported yet",
});

const server = (place: "api" | "content"): Leaves =>
  under(place, {
    replicas: { to: 3, rolls: [] },
    "gunicorn.workers": { to: 3, rolls: [place] },
    "gunicorn.timeoutSeconds": { to: 60, rolls: [place] },
    autoscaling: later(`${place}.autoscaling`),
  });

/** Jobs go where workers may go. */
const jobs = { jobsStay: [migration, password] } as const;

export const processLeaves: Leaves = {
  ...server("api"),
  ...podLeaves("api.pod", ["api"]),
  ...server("content"),
  ...podLeaves("content.pod", ["content"]),
  ...under("worker", {
    replicas: { to: 3, rolls: [] },
    graceSeconds: { to: 600, rolls: ["worker"] },
    autoscaling: later("worker.autoscaling"),
  }),
  ...podLeaves("worker.pod", ["worker"], {
    nodeSelector: jobs,
    "tolerations[].key": jobs,
    "tolerations[].operator": jobs,
    "tolerations[].value": jobs,
    "tolerations[].effect": jobs,
    "tolerations[].tolerationSeconds": jobs,
    priorityClassName: jobs,
  }),
};
