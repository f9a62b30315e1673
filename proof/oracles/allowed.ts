import type { Oracle } from "./oracle.ts";

export const oracle: Oracle = {
  name: "allowed",
  meaning: "the server denied nothing",
  judge: ({ run }) =>
    run.seen.flatMap(({ call, status }) => (status === 403 ? [`${call.key} was denied`] : [])),
};
