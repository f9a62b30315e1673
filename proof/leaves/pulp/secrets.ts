/** Keys and passwords that a user may bring. */
import type { Leaves } from "../leaf.ts";
import { meaningless, secretRefLeaves } from "../shapes/secret-ref.ts";
import { migration, password, processes } from "./workloads.ts";

export const secrets: Leaves = {
  ...secretRefLeaves("adminPassword", [password]),
  ...secretRefLeaves("secretKey", ["api"]),
  ...secretRefLeaves("fieldEncryptionKey", [migration, password, ...processes]),
  "fieldEncryptionKey.secretName": { to: "other-fernet", rolls: [migration, password, ...processes] },
  ...secretRefLeaves("tokenSigningKey", ["api"]),
  "tokenSigningKey.key": meaningless("tokenSigningKey"),
};
