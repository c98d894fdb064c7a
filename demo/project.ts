import * as fs from "node:fs";
import * as path from "node:path";
import { editConfig, findProject, type Project, stackFile } from "../release/project";
import { ROOT } from "../shared/paths";

/** The parts of the repository that the story uses as they are; only the stacks' config is a copy of its own. */
const SHARED = ["infra", "policies", "components", "shared", "tools", "examples"];

/** Where the story begins, whatever releases your own config has been through. */
const BEGINNING = {
  "dev-blue": { version: "v1", renewals: 0 },
  "dev-green": { version: "v2", renewals: 0 },
  "dev-traffic": { live: ["blue"], revisions: {}, generation: 1 },
};

/** A project folder of the story's own, so that the config it edits is not the one in your checkout. */
export function createStoryProject(name = "story"): Project {
  const dir = path.join(ROOT, ".hitless", name);
  fs.rmSync(dir, { recursive: true, force: true });
  fs.mkdirSync(dir, { recursive: true });
  fs.copyFileSync(path.join(ROOT, "Pulumi.yaml"), path.join(dir, "Pulumi.yaml"));
  fs.cpSync(path.join(ROOT, "stacks"), path.join(dir, "stacks"), { recursive: true });
  for (const folder of SHARED) fs.symlinkSync(path.join(ROOT, folder), path.join(dir, folder));
  const project = findProject(dir);
  for (const [stack, settings] of Object.entries(BEGINNING))
    editConfig(project, stackFile(project, stack), settings);
  return project;
}
