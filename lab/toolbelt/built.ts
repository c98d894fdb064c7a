import * as fs from "node:fs";
import * as path from "node:path";
import { unusable } from "../../shared/errors";
import type { Progress, Step } from "../../shared/progress";
import { cached, cacheRoot, lockDir, MODULES, publish, remove, sourceKey, sourcesOf, staging } from "./cache";
import { goBuild, goFor, type Go } from "./go";
import { acquire, type Lock } from "./lock";
import type { Build } from "./pins";
import { isExecutable } from "./run";
import type { Tool } from "./types";

/** How a build is made. Tests put another in its place. */
export interface Builder {
  go(build: Build): Promise<Go>;
  build(go: Go, build: Build, src: string, bin: string, step: Step): Promise<void>;
}

const realBuilder: Builder = { go: goFor, build: goBuild };

/**
 * The tools of `build`: from the cache, else built into it, once however many processes ask.
 * May be killed at any point: the next call goes on from what Go has kept.
 */
export async function ensureBuilt(
  build: Build,
  progress: Progress,
  { builder = realBuilder, root = cacheRoot(), sources = path.join(MODULES, build.module) } = {},
): Promise<Tool[]> {
  const key = sourceKey(build, sources);
  const found = await builtAlready(build, { builder, root, sources });
  if (found) return found;
  const go = await builder.go(build);

  return exclusively(`building ${build.title} ${build.version}`, progress, root, async () => {
    const meanwhile = cached(key, go.version, root);
    if (meanwhile) return toolsIn(build, meanwhile, "cache");
    const step = progress.start(
      `Build ${build.title} ${build.version} (once; about ${minutes(build)} on two cores)`,
    );
    try {
      const name = `${key}-${go.version}`;
      const work = staging(name, root);
      const src = path.join(work, "src");
      const bin = path.join(work, "bin");
      fs.mkdirSync(src);
      fs.mkdirSync(bin);
      for (const file of sourcesOf(sources)) fs.copyFileSync(path.join(sources, file), path.join(src, file));
      await builder.build(go, build, src, bin, step);
      const missing = build.binaries.filter((binary) => !isExecutable(path.join(bin, binary)));
      if (missing.length > 0) throw unusable(`The build of ${build.title} left out ${missing.join(", ")}`);
      for (const rest of fs.readdirSync(work).filter((it) => it !== "bin")) remove(path.join(work, rest));
      const place = publish(work, name, root);
      step.done();
      return toolsIn(build, place, "built");
    } catch (error) {
      step.fail();
      throw error;
    }
  });
}

/** The tools of `build` if this Go has built them, or any where there is no Go (or an old one) now. */
export async function builtAlready(
  build: Build,
  { builder = realBuilder, root = cacheRoot(), sources = path.join(MODULES, build.module) } = {},
): Promise<Tool[] | undefined> {
  const key = sourceKey(build, sources);
  if (!cached(key, undefined, root)) return undefined;
  const version = await builder.go(build).then(
    (go) => go.version,
    () => undefined,
  );
  const dir = cached(key, version, root);
  return dir ? toolsIn(build, dir, "cache") : undefined;
}

/** Runs `work` while no other process fills the cache: two builds at once would only slow each other down. */
export async function exclusively<T>(
  doing: string,
  progress: Progress,
  root: string,
  work: () => Promise<T>,
): Promise<T> {
  let waiting: Step | undefined;
  let lock: Lock | undefined;
  try {
    lock = await acquire(lockDir(root), doing, (owner) => {
      waiting ??= progress.start("Wait for another process that prepares the tools");
      waiting.update(`process ${owner.pid} is ${owner.doing}`);
    });
    waiting?.done();
    return await work();
  } finally {
    lock?.release();
  }
}

/** The tools in a finished build's folder. */
export function toolsIn(build: Build, dir: string, source: "cache" | "built"): Tool[] {
  return build.binaries.map((name) => ({
    name,
    path: path.join(dir, "bin", name),
    version: build.version,
    source,
  }));
}

const minutes = (build: Build): string => (build.minutes < 1 ? "half a minute" : `${build.minutes} min`);
