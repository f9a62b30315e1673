/** The flags that `npm run demo` and `npm run e2e` share: which cluster, which images. Pure. */
import { UsageError } from "../../tools/command-line.ts";
import type { ClusterOptions } from "../cluster/contract.ts";
import type { ImageSource } from "./images.ts";

export const clusterFlags = {
  provider: { type: "string" },
  kubeconfig: { type: "string" },
  images: { type: "string" },
  "operator-images": { type: "string" },
  yes: { type: "boolean", default: false },
} as const;

export const clusterUsage = `  --provider native|kind|current  where the cluster comes from (default: kind where Docker answers, else native;
                                  current uses your kube context and is never chosen by itself)
  --kubeconfig FILE               with --provider current: instead of $KUBECONFIG
  --images built|published        Zuul, Pulp and their services: built here from packages, or pulled by the nodes as
                                  upstream publishes them (default: published on kind and foreign clusters)
  --operator-images PREFIX        with a foreign cluster: where zuul-operator:dev and pulp-operator:dev were pushed to
  --yes                           install missing system packages without asking
`;

export interface ClusterValues {
  readonly provider?: string | undefined;
  readonly kubeconfig?: string | undefined;
  readonly images?: string | undefined;
  readonly "operator-images"?: string | undefined;
  readonly yes: boolean;
}

export interface ClusterChoice {
  readonly provider?: NonNullable<ClusterOptions["provider"]>;
  readonly kubeconfig?: string;
  readonly images?: ImageSource;
  readonly operatorImages?: string;
  readonly yes: boolean;
}

/** @throws UsageError that names the flag and its values */
export function clusterChoice(values: ClusterValues): ClusterChoice {
  const provider = oneOf("--provider", ["native", "kind", "current"], values.provider);
  const images = oneOf("--images", ["built", "published"], values.images);
  const operatorImages = values["operator-images"];
  return {
    yes: values.yes,
    ...(provider === undefined ? {} : { provider }),
    ...(values.kubeconfig === undefined ? {} : { kubeconfig: values.kubeconfig }),
    ...(images === undefined ? {} : { images }),
    ...(operatorImages === undefined ? {} : { operatorImages }),
  };
}

function oneOf<T extends string>(
  flag: string,
  known: readonly T[],
  value: string | undefined,
): T | undefined {
  if (value === undefined) return undefined;
  const found = known.find((one) => one === value);
  if (found === undefined) throw new UsageError(`${flag} is one of ${known.join(", ")}, not "${value}"`);
  return found;
}
