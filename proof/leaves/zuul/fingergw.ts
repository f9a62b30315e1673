/** Finger gateways. */
import { type Leaves, specAt, under } from "../leaf.ts";
import { exposeLeaves } from "../shapes/expose.ts";
import { serviceLeaves } from "./service.ts";

const nobodyAsks = "console streams have no URL and no TLS of their own";

export const fingergw: Leaves = {
  ...serviceLeaves("fingergw"),
  ...exposeLeaves({
    place: "fingergw.expose",
    onUrl: [],
    hasIngress: false,
    differ: { host: { noEffect: nobodyAsks }, "tls.secretName": { noEffect: nobodyAsks } },
  }),
  ...under("fingergw", {
    zone: { to: "one", rolls: ["fingergw"] },
    hostname: { to: "finger.example.org", rolls: ["fingergw"], given: specAt("fingergw.zone", "one") },
  }),
};
