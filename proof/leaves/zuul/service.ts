/** What the five programs with a zuul.conf have in common. */
import { type Leaves, under } from "../leaf.ts";
import { podLeaves } from "../shapes/pod.ts";

/** @param alsoReads other programs that read the same section of zuul.conf */
export function serviceLeaves(service: string, alsoReads: readonly string[] = []): Leaves {
  return {
    ...under(service, {
      count: { to: 3, rolls: [] },
      // The health checks and the metrics of the pod move with it.
      prometheus_port: { to: 9099, rolls: [service] },
      image: { to: "example.org/own:1", rolls: [service] },
      options: {
        to: { some_option: "two" },
        rolls: [service, ...alsoReads],
        wrong: { some_option: "a\nb" },
        refusal: `spec.${service}.options.some_option`,
      },
    }),
    ...podLeaves(`${service}.pod`, [service]),
  };
}
