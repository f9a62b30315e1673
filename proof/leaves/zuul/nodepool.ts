/** Nodepool: it reads its file again by itself, so only what stands beside the file restarts it. */
import { type Leaves, under } from "../leaf.ts";
import { podLeaves } from "../shapes/pod.ts";
import { storageLeaves } from "../shapes/storage.ts";
import { launchers } from "./workloads.ts";

export const nodepool: Leaves = {
  ...under("launcher", {
    count: { to: null, rolls: [], wrong: 2, noEffect: "there is one launcher for each provider of the file" },
    config: { to: "other-pools", rolls: [], wrong: 7 },
    drain: { to: false, rolls: [], noEffect: "it counts only for a provider that leaves the file" },
    image: { to: "example.org/own:1", rolls: launchers },
  }),
  ...podLeaves("launcher.pod", launchers),
  ...under("builder", {
    count: { to: 3, rolls: [] },
    config: { to: "other-pools", rolls: [], wrong: 7 },
    privileged: { to: true, rolls: ["nodepool-builder"] },
    secureEnv: {
      to: { ubuntu: { TOKEN: { secretName: "other" } } },
      rolls: ["nodepool-builder"],
      wrong: { centos: { TOKEN: { secretName: "s" } } },
      refusal: "spec.builder.secureEnv.centos",
    },
    image: { to: "example.org/own:1", rolls: ["nodepool-builder"] },
  }),
  ...storageLeaves("builder.storage"),
  ...podLeaves("builder.pod", ["nodepool-builder"]),
};
