import { expect, test } from "vitest";
import { renderObjects, zuulWith } from "./render.builders.ts";

test.each(["zuul", "my.zuul", "z".repeat(50)])(
  "a Zuul called %s has the address of its own Service, unless it is given another one",
  async (name) => {
    const { zuul, plan } = await renderObjects([
      { kind: "ConfigMap", metadata: { name: "tenants" }, data: { "main.yaml": "[]" } },
      zuulWith({ scheduler: { config: "tenants" }, database: { mode: "single" } }, name),
    ]);
    const host = /^http:\/\/([^.]+)\.[^.]+\.svc:9000\/$/.exec(zuul.root)?.[1];
    const services = plan.stages
      .flatMap(({ manifests }) => manifests)
      .filter(({ kind, metadata }) => kind === "Service" && metadata.name === host);
    expect(services.map(({ metadata }) => metadata.labels?.["app.kubernetes.io/component"])).toEqual(["web"]);
  },
);
