/** An HTTP probe. Times are durations such as "2s". */
export interface ProbeArgs {
  path: string;
  /** Name of one of the workload's ports. Default: `http`, or else the first by name. */
  port?: string | undefined;
  /** How often it is asked; whole seconds in Kubernetes, so rounded up. */
  period: string;
  /** How long an answer may take; rounded up likewise. */
  timeout: string;
  /** Failures in a row before it counts as failed. */
  failureThreshold: number;
}

/** One mounted volume: exactly one source. */
export interface VolumeArgs {
  name: string;
  mountPath: string;
  readOnly: boolean;
  emptyDir?: object | undefined;
  configMap?: string | undefined;
  secret?: string | undefined;
  persistentVolumeClaim?: string | undefined;
}

/** How the slot's pods are replaced. */
export interface RolloutArgs {
  type: "RollingUpdate" | "Recreate";
  /** Pods above `replicas` while one is replaced: a number or a percentage. */
  maxSurge: number | string;
  /** Pods that may be missing meanwhile: 0, or the policies refuse. */
  maxUnavailable: number | string;
  /** How long a rollout may take before it is given up with its reason, as a duration. */
  deadline: string;
}

/** What the drain budget needs to know of the app. */
export interface DrainArgs {
  /** Routers in front of the pods, by the names of the drain budget's table. */
  inFront: string[];
  /** The longest request that must still be answered after SIGTERM. */
  longestRequest: string;
  /** What the app needs to close its own connections. */
  cleanup: string;
  /** How long the app keeps answering, with `Connection: close`, before it closes its listeners. */
  lameDuck: string;
  /** Replaces the table's propagation time P where the real one was measured. */
  propagation?: string | undefined;
}

/** Where a pod tells how many clients are connected to it. */
export interface MetricsArgs {
  port?: string | undefined;
  path: string;
  /** The name of a gauge. */
  clients: string;
}

/** What one slot runs. Times are durations with units, paths of files are relative to the project. */
export interface WorkloadArgs {
  image: string;
  command?: string[] | undefined;
  args?: string[] | undefined;
  /** Named container ports; the traffic stack names the one that traffic goes to. */
  ports: Record<string, number>;
  env: Record<string, string>;
  /** Files to mount: path in the container to path in the project. */
  files: Record<string, string>;
  volumes: VolumeArgs[];
  resources: { requests?: Record<string, string> | undefined; limits?: Record<string, string> | undefined };
  serviceAccount?: string | undefined;
  replicas: number;
  probes: { readiness: ProbeArgs | false; liveness: ProbeArgs | false; startup: ProbeArgs | false };
  rollout: RolloutArgs;
  drain: DrainArgs;
  metrics?: MetricsArgs | undefined;
}
