/** nginx, and how clients reach it: the URL is a setting of every process. */
import { type Leaves, under } from "../leaf.ts";
import { exposeLeaves } from "../shapes/expose.ts";
import { podLeaves } from "../shapes/pod.ts";
import { processes } from "./workloads.ts";

export const web: Leaves = {
  ...under("web", {
    replicas: { to: 3, rolls: [], wrong: 0 },
    image: { to: "example.org/own:1", rolls: ["web"] },
    maxBodySize: { to: "1g", rolls: ["web"] },
    timeoutSeconds: { to: 300, rolls: ["web"], wrong: 90 },
  }),
  ...podLeaves("web.pod", ["web"]),
  ...exposeLeaves({
    place: "expose",
    onUrl: processes,
    hasIngress: true,
    // With an Ingress it would be the controller's; nginx reads its certificate when it starts.
    differ: {
      "tls.secretName": {
        given: { expose: { type: "LoadBalancer", host: "one.example.org" } },
        rolls: [...processes, "web"],
        rotates: ["web"],
      },
    },
  }),
};
