export { ensureCluster } from "./cluster";
export { inspect, renderFindings } from "./doctor";
export { ensureEngine } from "./engine";
export type * from "./types";
