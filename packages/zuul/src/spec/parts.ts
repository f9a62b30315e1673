/** Members that several services have in common. Pure. */
import { podSpecSchema } from "@zuul-pulp/constructs";
import { doc, image, map, opaque } from "@zuul-pulp/k8s-core/crd";
import { z } from "zod";

/** `count`, with the number that a resource without the field gets. */
export const count = (text: string, fallback: number, max = 100) =>
  doc(text, z.int32().min(0).max(max).default(fallback));

export const imageOf = (program: string) =>
  doc(
    `Image of ${program}. Default: imagePrefix/${program} with spec.version; a name without tag gets that version too.`,
    image().optional(),
  );

export const pod = () =>
  doc("What the pods of this service get beyond the operator's own settings.", podSpecSchema().optional());

export const moreOptions = (section: string) =>
  doc(
    `Any option of zuul.conf's section [${section}] that has no field here: plain values, or {secretName, key}.`,
    map(opaque(), { max: 100 }).optional(),
  );

export const prometheusPort = () =>
  doc("Port of metrics and health checks inside the pod.", z.int32().min(1024).max(65535).default(9091));
