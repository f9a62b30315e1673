import { differences } from "../lab/state.ts";
import type { Oracle } from "./oracle.ts";

export const oracle: Oracle = {
  name: "same-end",
  meaning: "everything of the resource is as after the undisturbed run, and nothing is too many",
  judge: ({ reference, run }) => [...run.unsettled, ...differences(reference.after, run.after)],
};
