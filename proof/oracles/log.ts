import { field } from "../../e2e/lab/look.ts";
import type { Oracle } from "./oracle.ts";

export const oracle: Oracle = {
  name: "log",
  meaning: "no crash, no unhandled rejection, no error that is a bug of ours",
  judge: ({ run }) => [
    // A failed call of the server has its kind; what has a stack instead nobody expected.
    ...new Set(
      run.log
        .filter((line) => field(line, "msg") === "crashed" || field(line, "err", "stack") !== undefined)
        .map((line) => `the log has ${JSON.stringify(field(line, "err")).slice(0, 700)}`),
    ),
    ...(run.stray.trim() === "" ? [] : [`the output has ${run.stray.trim().slice(0, 300)}`]),
  ],
};
