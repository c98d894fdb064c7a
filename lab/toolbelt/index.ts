export { ensureCluster } from "./cluster";
export { ensureEngine } from "./engine";
export type * from "./types";
