export { connect } from "../../packages/k8s-core/src/wire/connect.ts";
export { Client } from "../../packages/k8s-core/src/wire/client.ts";
export { kinds, type KindSpec } from "../../packages/k8s-core/src/kinds.ts";
