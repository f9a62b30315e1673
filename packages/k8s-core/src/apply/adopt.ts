/**
 * Takes the fields of a former writer over, so that what we do not want of them goes with our next apply. Pure.
 *
 * A forced apply alone leaves the former writer's other fields in place for ever.
 * @see Kubernetes 1.35, server-side apply, "transferring ownership"; the sequence was seen on a real server
 */
import { type Fields, fields } from "../json.ts";
import type { LiveObject } from "../model/manifest.ts";

/** Writers that give way: people's tools, and operators that ran before us. Never controllers of the cluster. */
const formerWriters = /^(kubectl|helm|Helm|before-first-apply|OpenAPI-Generator|manager$|ansible|argocd)/;
const lastApplied = "kubectl.kubernetes.io/last-applied-configuration";

/** JSON patch that makes their fields ours; `undefined` when nobody need give way. Fails on a newer object. */
export function takeOverPatch(live: LiveObject, fieldManager: string): readonly object[] | undefined {
  const entries = live.metadata.managedFields ?? [];
  const former = entries.filter(
    ({ manager = "", subresource = "" }) => subresource === "" && formerWriters.test(manager),
  );
  const [first] = former;
  if (first === undefined) return undefined;
  const merged = former.reduce<Fields>((all, { fieldsV1 }) => deepMerge(all, fields(fieldsV1)), {});
  const { time: _time, subresource: _none, ...shape } = first;
  const ours = { ...shape, manager: fieldManager, operation: "Apply", fieldsV1: merged };
  const others = entries.filter((entry) => !former.includes(entry) && entry.manager !== fieldManager);
  const forget =
    live.metadata.annotations?.[lastApplied] === undefined
      ? []
      : [{ op: "remove", path: `/metadata/annotations/${lastApplied.replace("/", "~1")}` }];
  return [
    { op: "replace", path: "/metadata/resourceVersion", value: live.metadata.resourceVersion },
    { op: "replace", path: "/metadata/managedFields", value: [...others, ours] },
    ...forget,
  ];
}

function deepMerge(a: Fields, b: Fields): Fields {
  const merged: Record<string, unknown> = { ...a };
  for (const [step, inner] of Object.entries(b)) merged[step] = deepMerge(fields(a[step]), fields(inner));
  return merged;
}
