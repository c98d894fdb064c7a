export { ensureCluster } from "./cluster.js";
export type * from "./types.js";
