import { ApiException, type V1Lease } from "@kubernetes/client-node";
import type { Cluster } from "../../components/live/cluster";

export const missing = () => new ApiException(404, "NotFound", "", {});
export const conflict = () => new ApiException(409, "Conflict", "", {});

/** An API server that keeps one Lease, and refuses writes that are based on an older one. */
export function fakeLeases(): { cluster: Cluster; state: { lease: V1Lease | undefined; version: number } } {
  const state: { lease: V1Lease | undefined; version: number } = { lease: undefined, version: 0 };
  const store = (lease: V1Lease): Promise<V1Lease> => {
    state.version++;
    state.lease = structuredClone({
      ...lease,
      metadata: { ...lease.metadata, resourceVersion: String(state.version) },
    });
    return Promise.resolve(state.lease);
  };
  const coordination = {
    readNamespacedLease: () => (state.lease ? Promise.resolve(state.lease) : Promise.reject(missing())),
    createNamespacedLease: ({ body }: { body: V1Lease }) =>
      state.lease ? Promise.reject(conflict()) : store(body),
    replaceNamespacedLease: ({ body }: { body: V1Lease }) =>
      body.metadata?.resourceVersion === String(state.version) ? store(body) : Promise.reject(conflict()),
  };
  return { cluster: { coordination } as unknown as Cluster, state };
}
