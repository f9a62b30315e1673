/** More pods, and fewer. Not of executors: the claim of a second one stays, as it should, and is no way back. */
import { type Scenario, specChanged } from "./scenario.ts";

const scale = (operator: Scenario["operator"], name: string, spec: object, back: object): Scenario =>
  specChanged(operator, name, `spec becomes ${JSON.stringify(spec)}`, spec, back);

export const scenarios: readonly Scenario[] = [
  scale(
    "zuul",
    "scale-up",
    { web: { count: 2 }, merger: { count: 3 } },
    { web: { count: 1 }, merger: { count: 1 } },
  ),
  scale(
    "zuul",
    "scale-to-zero",
    { merger: { count: 0 }, fingergw: { count: 0 } },
    { merger: { count: 1 }, fingergw: { count: 1 } },
  ),
  scale(
    "pulp",
    "scale-up",
    { worker: { replicas: 3 }, api: { replicas: 2 } },
    { worker: { replicas: 1 }, api: { replicas: 1 } },
  ),
  scale(
    "pulp",
    "scale-to-zero",
    { worker: { replicas: 0 }, content: { replicas: 0 } },
    { worker: { replicas: 1 }, content: { replicas: 1 } },
  ),
];
