import type { Oracle } from "./oracle.ts";

export const oracle: Oracle = {
  name: "at-rest",
  meaning: "a pass that is asked for after the end sends nothing",
  judge: ({ run }) => run.atRest.map(({ call, ordinal }) => `at rest it still sent ${call.key} #${ordinal}`),
};
