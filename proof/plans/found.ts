/** Plans that once failed, each with what it was. They run with every gate. Data. */
export const found: readonly { readonly id: string; readonly was: string }[] = [
  {
    id: "pulp/change-setting/half-open/watch_pulps#1",
    was:
      "the process said that it had stopped and never ended, because its silent connection was closed politely; and " +
      "renewals of the Lease went on over that connection until leadership was lost",
  },
  {
    id: "zuul/rotate/garbled/get_secrets_gerrit#1",
    was: "an answer that is no JSON counted as a bug, and the parser's words quoted a piece of the Secret into the log",
  },
  {
    id: "zuul/install/kill-before/apply_persistentvolumeclaims_state-@-executor-0#1",
    was: "a claim that its StatefulSet's controller made first lacked a label that it has when the operator makes it",
  },
];
