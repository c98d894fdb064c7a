import { type Cluster, connect } from "../components/live/cluster";
import type { AppEnvironment } from "../components/names";
import type { Progress } from "../shared/progress";
import type { Engine } from "./engine";
import { type EnvironmentFiles, type Project, readEnvironmentFiles } from "./project";

/** Everything that a release of one environment works with. */
export interface Context {
  project: Project;
  files: EnvironmentFiles;
  at: AppEnvironment;
  cluster: Cluster;
  engine: Engine;
  progress: Progress;
  /** Aborted by SIGINT: the release then ends before its next step. */
  signal?: AbortSignal | undefined;
}

export interface ContextOptions {
  project: Project;
  environment: string;
  /** Environment variables of the engine, its kubeconfig included. */
  env: NodeJS.ProcessEnv;
  progress: Progress;
  signal?: AbortSignal | undefined;
}

export function openEnvironment({ project, environment, env, progress, signal }: ContextOptions): Context {
  const files = readEnvironmentFiles(project, environment);
  const { app, namespace } = files.traffic.config;
  return {
    project,
    files,
    at: { app, namespace, environment },
    cluster: connect(env),
    engine: { project, env },
    progress,
    signal,
  };
}

/** The same context with its files read again: after a step that changed them. */
export const reread = (context: Context): Context => ({
  ...context,
  files: readEnvironmentFiles(context.project, context.at.environment),
});
