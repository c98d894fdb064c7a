export { drainBudget, type DrainBudget, type DrainInput, LEAST_MARGIN } from "./budget";
export { duration, DurationError, seconds } from "./duration";
export { type DrainLine, explainDrain } from "./explain";
export { checkDrain, type DrainNeeds, type DrainTimes, type Violation } from "./inequalities";
export { type Router, ROUTER_NAMES, type RouterName, ROUTERS } from "./routers";
