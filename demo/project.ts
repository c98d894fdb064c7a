import * as fs from "node:fs";
import * as path from "node:path";
import { ROOT } from "../shared/paths";

/** The parts of the repository that the story uses as they are; only the stacks' config is a copy of its own. */
const SHARED = ["infra", "policies", "components", "shared", "tools", "examples"];

/** A project folder of the story's own, so that the config it edits is not the one in your checkout. @returns its path */
export function createStoryProject(): string {
  const dir = path.join(ROOT, ".hitless", "story");
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  fs.copyFileSync(path.join(ROOT, "Pulumi.yaml"), path.join(dir, "Pulumi.yaml"));
  fs.cpSync(path.join(ROOT, "stacks"), path.join(dir, "stacks"), { recursive: true });
  for (const folder of SHARED) fs.symlinkSync(path.join(ROOT, folder), path.join(dir, folder));
  return dir;
}
