export { upperBound95 } from "./bound";
export { type ProbeRun, runProbe } from "./command";
export { forkProbe } from "./fork";
export { renderProbe } from "./render";
export { startProbe } from "./run";
export * from "./types";
