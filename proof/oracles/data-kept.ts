import { counted, type Oracle } from "./oracle.ts";

export const oracle: Oracle = {
  name: "data-kept",
  meaning:
    "no volume claim was replaced or deleted, and nothing was deleted that the undisturbed run left alone",
  judge: ({ reference, run }) => {
    const replaced = [...run.before.data].flatMap(([id, uid]) =>
      run.after.data.get(id) === uid ? [] : [`${id} is not the one that was there before`],
    );
    const isDeleted = ({ call, status }: Evidenced) =>
      call.verb === "delete" && status >= 200 && status < 300;
    const wanted = counted(reference.seen, isDeleted);
    const deleted = [...counted(run.seen, isDeleted).keys()].filter(
      (object) => !wanted.has(object) && !object.startsWith("leases"),
    );
    return [...replaced, ...deleted.map((object) => `${object} was deleted`)];
  },
};

type Evidenced = Parameters<Parameters<typeof counted>[1]>[0];
