/** A Secret or ConfigMap of the user's own gets another value. */
import { exampleTenants } from "../../e2e/lab/product.ts";
import { installed, type Scenario } from "./scenario.ts";

export const scenarios: readonly Scenario[] = [
  installed({
    operator: "zuul",
    name: "rotate",
    meaning: "a connection's password changes in its Secret",
    prepare: async (hand) => {
      await hand.secret("gerrit", { password: "before" });
      const gerrit = {
        driver: "gerrit",
        server: "gerrit.example.org",
        user: "zuul",
        password: { secretName: "gerrit" },
      };
      await hand.edit({ spec: { connections: { gerrit } } });
    },
    act: (hand) => hand.secret("gerrit", { password: "afterwards" }),
    undo: (hand) => hand.secret("gerrit", { password: "before" }),
  }),
  installed({
    operator: "pulp",
    name: "rotate",
    meaning: "the admin password changes in its Secret: a Job sets it and nothing rolls",
    prepare: async (hand) => {
      await hand.secret("admin", { password: "before-the-change" });
      await hand.edit({ spec: { adminPassword: { secretName: "admin" } } });
    },
    act: (hand) => hand.secret("admin", { password: "afterwards-it-is" }),
    undo: (hand) => hand.secret("admin", { password: "before-the-change" }),
  }),
  installed({
    operator: "zuul",
    name: "tenants",
    meaning: "the tenants change in their ConfigMap",
    act: (hand) => hand.configMap("tenants", { "main.yaml": "- tenant: {name: second}\n" }),
    undo: (hand) => hand.configMap("tenants", { "main.yaml": exampleTenants }),
  }),
];
