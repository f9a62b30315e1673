/**
 * What the API server would refuse in `pod` and `expose`, said by the name of the field before anything is applied: its
 * own answer names an object that the user never wrote, and comes when the objects before it have been changed. Pure.
 * @see Kubernetes 1.35, apimachinery `validation`, core `ValidatePodSpec`, networking `ValidateIngressSpec`
 */
import type { ExposeSpec, ExposeType } from "./expose-schema.ts";
import type { EnvOverride, ExtraVolume, PodOverrides, Toleration } from "./pod-overrides.ts";

/** A field below the place, and what is wrong with it; `undefined`: nothing. */
type Verdict = readonly [field: string, problem: string | undefined];

type Texts = Readonly<Record<string, string>>;

/** A folder into which a pod of ours mounts something itself. */
export interface OwnFolder {
  readonly path: string;
  /** Users may mount further volumes below it. */
  readonly isOpen?: boolean;
}

/**
 * One sentence for each wrong member.
 * @param place path in the spec: `web.pod` @param own where these pods mount something themselves
 */
export function podProblems(
  pod: PodOverrides | undefined,
  place: string,
  own: readonly OwnFolder[] = [],
): readonly string[] {
  if (pod === undefined) return [];
  const { resources, tolerations = [], topologySpreadConstraints = [], env = [], extraVolumes = [] } = pod;
  return told(place, [
    ...Object.entries({ ...resources }).flatMap(([figure, map]) =>
      keys(`resources.${figure}`, map, resourceName),
    ),
    ...labels("nodeSelector", pod.nodeSelector),
    ...labels("labels", pod.labels),
    ...keys("annotations", pod.annotations, annotationKey),
    ...keys("serviceAccountAnnotations", pod.serviceAccountAnnotations, annotationKey),
    ["priorityClassName", optional(pod.priorityClassName, objectName)],
    ...tolerations.flatMap((one, index) => tolerationVerdicts(`tolerations[${index}]`, one)),
    ...topologySpreadConstraints.map(
      ({ topologyKey }, index): Verdict => [
        `topologySpreadConstraints[${index}].topologyKey`,
        labelKey(topologyKey),
      ],
    ),
    ...env.flatMap((one, index) => envVerdicts(`env[${index}]`, one)),
    ...extraVolumes.flatMap((one, index) => volumeVerdicts(`extraVolumes[${index}]`, one)),
    ...extraVolumes.map(
      ({ mountPath }, index): Verdict => [
        `extraVolumes[${index}].mountPath`,
        takenPlace(mountPath, own, extraVolumes.toSpliced(index, 1)),
      ],
    ),
  ]);
}

/** One sentence for each wrong member, and for each that its type has no use for. @param place path in the spec: `web.expose` */
export function exposeProblems(expose: ExposeSpec | undefined, place: string): readonly string[] {
  if (expose === undefined) return [];
  const {
    type,
    host,
    tls,
    className,
    annotations,
    loadBalancerClass,
    loadBalancerSourceRanges = [],
  } = expose;
  const isRouted = type === "Ingress" || type === "Gateway";
  return told(place, [
    ["host", optional(isRouted ? host : host?.toLowerCase(), hostName)],
    ["tls.secretName", optional(tls?.secretName, objectName)],
    ["className", optional(className, objectName)],
    ...keys("annotations", annotations, annotationKey),
    ["loadBalancerClass", optional(loadBalancerClass, labelKey)],
    ...loadBalancerSourceRanges.map(
      (range, index): Verdict => [`loadBalancerSourceRanges[${index}]`, addressRange(range)],
    ),
    ...unused(expose),
  ]);
}

/** Fields that are for some types only. */
const usedBy: readonly (readonly [field: keyof ExposeSpec, types: readonly ExposeType[]])[] = [
  ["className", ["Ingress"]],
  ["nodePort", ["NodePort", "LoadBalancer"]],
  ["loadBalancerClass", ["LoadBalancer"]],
  ["loadBalancerSourceRanges", ["LoadBalancer"]],
  ["externalTrafficPolicy", ["NodePort", "LoadBalancer"]],
  ["gateway", ["Gateway"]],
];

/** Whoever limits who may connect must not be left to believe that it is so. */
function unused(expose: ExposeSpec): readonly Verdict[] {
  return usedBy.map(([field, types]) => {
    const value = expose[field];
    const isSet = value !== undefined && value !== "" && !(Array.isArray(value) && value.length === 0);
    if (!isSet || types.includes(expose.type)) return [field, undefined];
    return [field, `counts only with type ${types.join(" or ")}, and type is ${expose.type}: remove it`];
  });
}

/** An absolute http or https URL without user, query and fragment, whose host needs no encoding. */
export function isWebUrl(text: string): boolean {
  const parts =
    /^https?:\/\/([A-Za-z0-9._-]+|\[[0-9A-Fa-f:.]+\])(:\d{1,5})?(\/[A-Za-z0-9._~!$&()*+,;=:@%/-]*)?$/.exec(
      text,
    );
  const port = Number(parts?.[2]?.slice(1) ?? 1);
  return parts !== null && port > 0 && port < 65_536;
}

function told(place: string, verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.flatMap(([field, problem]) =>
    problem === undefined ? [] : [`${place}.${field}: ${problem}`],
  );
}

function keys(
  field: string,
  map: Texts | undefined,
  rule: (key: string) => string | undefined,
): readonly Verdict[] {
  return Object.keys(map ?? {}).map((key) => [`${field}.${key}`, rule(key)]);
}

function labels(field: string, map: Texts | undefined): readonly Verdict[] {
  return Object.entries(map ?? {}).map(([key, value]) => [
    `${field}.${key}`,
    labelKey(key) ?? labelText(value),
  ]);
}

function tolerationVerdicts(
  at: string,
  { key, operator, value, effect, tolerationSeconds }: Toleration,
): readonly Verdict[] {
  const exists = operator === "Exists";
  return [
    [
      `${at}.key`,
      key === undefined || key === ""
        ? exists
          ? undefined
          : "is needed unless operator is Exists"
        : labelKey(key),
    ],
    [
      `${at}.value`,
      exists && (value ?? "") !== "" ? "must be empty when operator is Exists" : labelText(value ?? ""),
    ],
    [
      `${at}.tolerationSeconds`,
      tolerationSeconds !== undefined && effect !== "NoExecute"
        ? "counts only with effect NoExecute"
        : undefined,
    ],
  ];
}

function envVerdicts(at: string, { name, value, valueFrom }: EnvOverride): readonly Verdict[] {
  const { secretKeyRef, configMapKeyRef } = valueFrom ?? {};
  return [
    [`${at}.name`, /^[-._a-zA-Z][-._a-zA-Z0-9]*$/.test(name) ? undefined : "is no name of a variable"],
    [`${at}.value`, value?.includes("\0") === true ? "contains a NUL character" : undefined],
    [`${at}.valueFrom.secretKeyRef.name`, optional(secretKeyRef?.name, objectName)],
    [`${at}.valueFrom.secretKeyRef.key`, optional(secretKeyRef?.key, entryKey)],
    [`${at}.valueFrom.configMapKeyRef.name`, optional(configMapKeyRef?.name, objectName)],
    [`${at}.valueFrom.configMapKeyRef.key`, optional(configMapKeyRef?.key, entryKey)],
  ];
}

function volumeVerdicts(at: string, volume: ExtraVolume): readonly Verdict[] {
  const { name, mountPath, subPath, secret, configMap, persistentVolumeClaim, emptyDir } = volume;
  return [
    // The name of an empty folder becomes part of the volume's.
    [
      `${at}.name`,
      emptyDir === undefined || /^[a-z0-9]([-a-z0-9]{0,45}[a-z0-9])?$/.test(name) ? undefined : shortName,
    ],
    [`${at}.mountPath`, mountProblem(mountPath)],
    [
      `${at}.subPath`,
      subPath?.startsWith("/") === true || hasUpwards(subPath ?? "")
        ? "must be a relative path without .."
        : undefined,
    ],
    [`${at}.secret.secretName`, optional(secret?.secretName, objectName)],
    [`${at}.configMap.name`, optional(configMap?.name, objectName)],
    [`${at}.persistentVolumeClaim.claimName`, optional(persistentVolumeClaim?.claimName, objectName)],
  ];
}

const shortName = 'must be lower-case letters, digits and "-", at most 47 characters';
const subdomain = /^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$/;
const labelForm = /^[A-Za-z0-9]([-A-Za-z0-9_.]*[A-Za-z0-9])?$/;

const optional = (
  value: string | undefined,
  rule: (value: string) => string | undefined,
): string | undefined => (value === undefined || value === "" ? undefined : rule(value));

function objectName(name: string): string | undefined {
  if (name.length <= 253 && subdomain.test(name)) return undefined;
  return 'is no name of an object: those are lower-case letters, digits, "-" and "."';
}

const hostName = (host: string): string | undefined =>
  host.length <= 253 && subdomain.test(host) ? undefined : "is no host name in lower case";

/** `[domain/]name`. */
function labelKey(key: string): string | undefined {
  const [name = "", domain, ...more] = key.split("/").toReversed();
  const isDomain = domain === undefined || (domain.length <= 253 && subdomain.test(domain));
  return more.length === 0 && isDomain && name.length <= 63 && labelForm.test(name)
    ? undefined
    : "is no key of a label or annotation: [domain/]name, with at most 63 letters, digits, '-', '_' and '.'";
}

const annotationKey = (key: string): string | undefined => labelKey(key.toLowerCase());

const labelText = (value: string): string | undefined =>
  value === "" || (value.length <= 63 && labelForm.test(value))
    ? undefined
    : "is no value of a label: at most 63 letters, digits, '-', '_' and '.'";

const resourceName = (name: string): string | undefined =>
  /^(cpu|memory|ephemeral-storage|hugepages-.+)$/.test(name) || name.includes("/")
    ? labelKey(name)
    : "is no resource: cpu, memory, ephemeral-storage, or a name with a domain";

const entryKey = (key: string): string | undefined =>
  /^[-._a-zA-Z0-9]{1,253}$/.test(key) && key !== "." && !key.startsWith("..")
    ? undefined
    : "is no key: those are letters, digits, '-', '_' and '.'";

const hasUpwards = (path: string): boolean => path.split("/").includes("..");

/** Where a user's file system may be mounted: anywhere, as long as it is one path. */
function mountProblem(path: string): string | undefined {
  const isPath = path.startsWith("/") && path !== "/" && !unfitForPath.test(path) && !hasUpwards(path);
  return isPath ? undefined : "must be an absolute path below / without colon, control character or ..";
}

/** Two file systems in one place are refused by the server; one around or inside ours hides files that programs need. */
function takenPlace(
  path: string,
  own: readonly OwnFolder[],
  others: readonly ExtraVolume[],
): string | undefined {
  if (mountProblem(path) !== undefined) return undefined;
  const wanted = asFolder(path);
  const isSame = own.find((folder) => asFolder(folder.path) === wanted);
  if (isSame !== undefined) return `${isSame.path} is a mount of the operator's own`;
  const hidden = own.find((folder) => asFolder(folder.path).startsWith(wanted));
  if (hidden !== undefined) return `would hide ${hidden.path}, a mount of the operator's own`;
  const around = own.find((folder) => folder.isOpen !== true && wanted.startsWith(asFolder(folder.path)));
  if (around !== undefined) return `lies in ${around.path}, a mount of the operator's own`;
  return others.some(({ mountPath }) => asFolder(mountPath) === wanted)
    ? "is also that of another entry"
    : undefined;
}

/** With exactly one slash between its parts and at its end. */
const asFolder = (path: string): string => `${path}/`.replaceAll(/\/(\.?\/)+/g, "/");

// oxlint-disable-next-line no-control-regex -- a path with one cannot be typed, and breaks every log
const unfitForPath = /[:\u0000-\u001f\u007f]/;

/** `10.0.0.0/8`, `2001:db8::/32`. */
function addressRange(range: string): string | undefined {
  const [address = "", bits = "", ...more] = range.split("/");
  const parts = address.split(".");
  const isFour =
    parts.length === 4 && parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256);
  const isSix = /^[0-9A-Fa-f:]+$/.test(address) && address.includes(":") && !/:::|::.*::/.test(address);
  const isRange = more.length === 0 && /^\d{1,3}$/.test(bits) && Number(bits) <= (isFour ? 32 : 128);
  return isRange && (isFour || isSix) ? undefined : "must be an address range such as 10.0.0.0/8";
}
