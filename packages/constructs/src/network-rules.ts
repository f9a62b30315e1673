/** Who may talk to whom, as a NetworkPolicy. Where no network plugin enforces it, it changes nothing. Pure. */
import type { V1NetworkPolicyPeer, V1NetworkPolicyPort } from "@kubernetes/client-node";
import { type Membership, selectorLabels } from "@zuul-pulp/k8s-core/model";
import { Construct } from "constructs";
import { given } from "./given.ts";
import { type Member, objectLabels } from "./member.ts";
import { TypedObject } from "./typed-object.ts";

/** Members of resources in the same namespace, all pods of it, or everybody. */
export type Peers = "anywhere" | "namespace" | readonly Membership[];

export interface RulePort {
  readonly port: number | string;
  /** Default TCP. */
  readonly protocol?: "TCP" | "UDP";
}

export interface NetworkRulesProps {
  readonly name: string;
  readonly member: Member;
  /** Pods that the rules are for; default `member`. */
  readonly select?: Membership;
  /** Absent: incoming traffic is not restricted. Empty: none is let in. */
  readonly ingress?: readonly { readonly from: Peers; readonly ports?: readonly RulePort[] }[];
  /** Absent: outgoing traffic is not restricted. */
  readonly egress?: readonly { readonly to: Peers; readonly ports?: readonly RulePort[] }[];
}

export class NetworkRules extends Construct {
  constructor(
    scope: Construct,
    id: string,
    { name, member, select = member, ingress, egress }: NetworkRulesProps,
  ) {
    super(scope, id);
    // Not `satisfies V1NetworkPolicy`: its generated type spells the member `from` as `_from`.
    new TypedObject(this, "policy", {
      apiVersion: "networking.k8s.io/v1",
      kind: "NetworkPolicy",
      metadata: { name, labels: objectLabels(member) },
      spec: {
        podSelector: { matchLabels: selectorLabels(select) },
        policyTypes: [
          ...(ingress === undefined ? [] : ["Ingress"]),
          ...(egress === undefined ? [] : ["Egress"]),
        ],
        ...given({
          ingress: ingress?.map(({ from, ports }) =>
            given({ from: peers(from), ports: ports?.map(rulePort) }),
          ),
          egress: egress?.map(({ to, ports }) => given({ to: peers(to), ports: ports?.map(rulePort) })),
        }),
      },
    });
  }
}

function peers(who: Peers): V1NetworkPolicyPeer[] | undefined {
  if (who === "anywhere") return undefined;
  if (who === "namespace") return [{ podSelector: {} }];
  // An empty list would mean everybody.
  if (who.length === 0) throw new Error("a network rule needs at least one peer");
  return who.map((membership) => ({ podSelector: { matchLabels: selectorLabels(membership) } }));
}

function rulePort({ port, protocol = "TCP" }: RulePort): V1NetworkPolicyPort {
  return { port, protocol };
}
