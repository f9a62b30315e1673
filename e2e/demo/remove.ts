/** Takes the demo out of a cluster that is not ours: resources first, so that the operators can still act. */
import type { Cluster } from "../cluster/cluster.ts";
import { kubectlFor } from "./kubectl.ts";
import { operatorCommand } from "./operator-command.ts";
import { namespaces, watched } from "./resources.ts";

export async function removeDemo(cluster: Cluster, say: (line: string) => void): Promise<void> {
  const kubectl = kubectlFor(cluster.kubeconfig, cluster.kubectl);
  // With their pods: a namespace that finds one with hours of grace is looked at again only after half of these hours.
  const everything = ["--all", "--ignore-not-found", "--cascade=foreground"];
  for (const name of watched.zuul) await kubectl("-n", name, "delete", "zuuls.zuul-ci.org", ...everything);
  for (const name of watched.pulp)
    await kubectl("-n", name, "delete", "pulps.pulpproject.org", ...everything);
  for (const operator of ["zuul-operator", "pulp-operator"] as const) {
    await operatorCommand(
      operator,
      cluster.kubeconfig,
      ["uninstall", "--namespace", namespaces.operators, "--with-crds"],
      say,
    );
  }
  await kubectl("delete", "namespace", ...Object.values(namespaces), "--ignore-not-found");
}
