import * as fs from "node:fs";
import * as path from "node:path";
import { revisionOf } from "../components/workload/revision";
import { refused, type Problem } from "../shared/errors";
import type { SlotConfig } from "./config";

/** The texts of the files that the workload mounts, by their path in the container. @throws HitlessError */
export function readFiles(config: SlotConfig, project: string): Record<string, string> {
  const problems: Problem[] = [];
  const contents: Record<string, string> = {};
  for (const [target, source] of Object.entries(config.workload.files)) {
    try {
      contents[target] = fs.readFileSync(path.resolve(project, source), "utf8");
    } catch (error) {
      problems.push({
        where: `hitless:workload.files.${target}`,
        what: `cannot be read (${(error as NodeJS.ErrnoException).code ?? String(error)})`,
        value: source,
        allowed: "a file, by its path from the project's folder",
      });
    }
  }
  if (problems.length > 0) throw refused("files of the workload are missing", problems);
  return contents;
}

/** What may change without the pods being other pods. */
const NOT_IN_PODS = ["replicas", "rollout", "metrics"] as const;

/**
 * The revision that this config describes: everything that shapes a pod, its files included; not the number of
 * pods, nor how often they were renewed, nor the values of secrets (those have a mark of their own).
 */
export function slotRevision(config: SlotConfig, files: Record<string, string>): string {
  const shape: Partial<SlotConfig["workload"]> = { ...config.workload };
  for (const key of NOT_IN_PODS) delete shape[key];
  return revisionOf(config.version, { ...shape, files });
}
