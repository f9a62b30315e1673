import { counted, type Oracle } from "./oracle.ts";

export const oracle: Oracle = {
  name: "secrets-kept",
  meaning: "no generated Secret has another value than before, and none was written over",
  judge: ({ scenario, reference, run }) => {
    // A new resource has new certificates; what holds data stays, and same-end and made-once see to the rest.
    const isRemade = (id: string): boolean =>
      scenario.name === "recreate" && !reference.before.generated.has(id);
    const regenerated = [...run.before.generated].flatMap(([id, hash]) => {
      const now = run.after.generated.get(id);
      const kept = reference.before.generated.get(id) === reference.after.generated.get(id);
      return now === hash || isRemade(id) || !kept ? [] : [`${id} has another value than before`];
    });
    const isReplaced = ({ call, status }: Evidenced) =>
      call.plural === "secrets" &&
      (call.verb === "patch" || call.verb === "update") &&
      status < 300 &&
      status > 0;
    const wanted = counted(reference.seen, isReplaced);
    const replaced = [...counted(run.seen, isReplaced).keys()].filter((object) => !wanted.has(object));
    return [...regenerated, ...replaced.map((object) => `${object} was written over`)];
  },
};

type Evidenced = Parameters<Parameters<typeof counted>[1]>[0];
