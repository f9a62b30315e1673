/** How many database connections Pulp needs at its peak, against what the server gives. Pure. */

export interface ConnectionUsers {
  readonly api: { readonly replicas: number; readonly workers: number };
  readonly content: { readonly replicas: number; readonly workers: number };
  readonly worker: { readonly replicas: number };
}

/** Jobs, an administrator's psql and what the server keeps for superusers. */
const reserve = 10;

/**
 * One per api process, two per content process, two per worker (itself and its task), and a reserve.
 * @see measured with pulpcore 3.123: section "Resources" of the Pulp guide
 */
export function connectionsNeeded({ api, content, worker }: ConnectionUsers): number {
  return api.replicas * api.workers + 2 * content.replicas * content.workers + 2 * worker.replicas + reserve;
}
