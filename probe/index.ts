export { upperBound95 } from "./bound";
export { forkProbe } from "./fork";
export { renderProbe } from "./render";
export { startProbe } from "./run";
export * from "./types";
