/** The custom resource as the API server sees it: spec, status and columns. `crds/` and the parser come from here. Pure. */
import { defineCrd, doc, statusSchema } from "@zuul-pulp/k8s-core/crd";
import { z } from "zod";
import { zuulSpec } from "./spec.ts";

const configError = z.object({
  project: doc(
    "Project whose configuration is wrong; absent when the tenant file itself is.",
    z.string().max(1024).optional(),
  ),
  file: doc("File, with its branch.", z.string().max(1024).optional()),
  line: doc("Line in it, from 1.", z.int32().optional()),
  message: doc("Zuul's own words.", z.string().max(1024)),
});

const tenant = z.object({
  name: doc("Name of the tenant.", z.string().max(253)),
  configErrors: doc(
    "Number of configuration errors; at 500 there may be more. Absent where access rules keep them from strangers, or there is no answer about the tenant.",
    z.int32().min(0).optional(),
  ),
  errors: doc("The first of them.", z.array(configError).max(10).optional()),
});

const program = z.object({
  kind: doc("scheduler, executor, merger, web, fingergw.", z.string().max(63)),
  state: doc("Zuul's own word: initializing, running, paused, stopped.", z.string().max(63)),
  version: doc("Version that it runs.", z.string().max(128)),
  count: doc("How many of this kind are in this state and version.", z.int32().min(0)),
});

export const zuulDefinition = defineCrd({
  group: "zuul-ci.org",
  kind: "Zuul",
  plural: "zuuls",
  shortNames: [],
  categories: ["all"],
  scope: "Namespaced",
  version: "v1alpha1",
  spec: zuulSpec,
  status: statusSchema({
    programs: doc("What Zuul says about its own components.", z.array(program).max(100).optional()),
    tenants: doc(
      "Tenants that Zuul has loaded, of many the first 100 by name.",
      z.array(tenant).max(200).optional(),
    ),
  }),
  printerColumns: [
    { name: "Ready", type: "string", jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: "Version", type: "string", jsonPath: ".status.version" },
    { name: "URL", type: "string", jsonPath: ".status.url" },
    { name: "Waiting for", type: "string", jsonPath: ".status.next" },
    { name: "Age", type: "date", jsonPath: ".metadata.creationTimestamp" },
  ],
});
