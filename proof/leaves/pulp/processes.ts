/** api, content and worker. */
import { type Leaves, under } from "../leaf.ts";
import { podLeaves } from "../shapes/pod.ts";
import { migration, password, processes } from "./workloads.ts";

const later = (place: string): Leaves[string] => ({
  to: null,
  rolls: [],
  wrong: { minReplicas: 1 },
  refusal: `spec.${place} is not supported yet`,
  noEffect: "not supported yet",
});

const gunicorn = (place: "api" | "content"): Leaves =>
  under(place, {
    replicas: { to: 3, rolls: [] },
    "gunicorn.workers": { to: 3, rolls: [place] },
    "gunicorn.timeoutSeconds": { to: 60, rolls: [place] },
    autoscaling: later(`${place}.autoscaling`),
  });

/** Jobs go where workers may go; one that has run is no business of a later change. */
const jobsStay = { jobsStay: [migration, password] } as const;

export const processLeaves: Leaves = {
  ...gunicorn("api"),
  ...podLeaves("api.pod", ["api"]),
  ...gunicorn("content"),
  ...podLeaves("content.pod", ["content"]),
  ...under("worker", {
    replicas: { to: 3, rolls: [] },
    graceSeconds: { to: 600, rolls: ["worker"] },
    autoscaling: later("worker.autoscaling"),
  }),
  ...podLeaves("worker.pod", ["worker"], {}),
};
void [jobsStay, processes];
