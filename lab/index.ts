export { down } from "./down";
export { enter, execInLab, labEnvironment, requireUp } from "./exec";
export { NODE_IMAGE } from "./image";
export { layout, NETWORK } from "./layout";
export { fullStatus, type LabStatus, renderStatus, status } from "./status";
export { type Lab, up } from "./up";
