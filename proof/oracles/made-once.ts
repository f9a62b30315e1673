import { counted, type Oracle } from "./oracle.ts";

/** An event has no name of its own, and a new process takes a new Lease. */
const many = new Set(["events", "leases"]);

export const oracle: Oracle = {
  name: "made-once",
  meaning: "no object is made more often than in the undisturbed run",
  judge: ({ reference, run }) => {
    const isMade = ({ call, status }: Evidenced) =>
      status === 201 && (call.verb === "apply" || call.verb === "create") && !many.has(call.plural);
    const wanted = counted(reference.seen, isMade);
    return [...counted(run.seen, isMade)].flatMap(([object, times]) =>
      times > (wanted.get(object) ?? 0)
        ? [`${object} was made ${times} times instead of ${wanted.get(object) ?? 0}`]
        : [],
    );
  },
};

type Evidenced = Parameters<Parameters<typeof counted>[1]>[0];
