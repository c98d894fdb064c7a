import * as fs from "node:fs";
import * as path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { unusable } from "../../shared/errors";
import type { Step } from "../../shared/progress";
import { MODULES } from "./cache";
import type { Build } from "./pins";
import { refusalsOf, withoutHosts } from "./refusal";
import { onPath, run, type Ran } from "./run";

/** Waits between tries of a download, in ms. */
const BACKOFF_MS = [2_000, 5_000, 15_000];

export interface Go {
  path: string;
  /** As Go says it: `go1.26.1`. */
  version: string;
}

/** Go's settings for a build: those of the user that say where modules come from, none that change what is built. */
export function goEnv(build: Build, env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const unlisted = [env.GONOSUMDB, build.unlisted].filter(Boolean).join(",");
  return {
    ...env,
    GOFLAGS: "-buildvcs=false",
    GOWORK: "off",
    CGO_ENABLED: build.cgo ? "1" : "0",
    ...(unlisted ? { GONOSUMDB: unlisted } : {}),
  };
}

/** The `go` command on PATH, or in the places where its installers put it. */
export function findGo(): string | undefined {
  return onPath("go", process.env.PATH, ["/usr/local/go/bin", "/usr/lib/go/bin", "/opt/homebrew/bin"])[0];
}

/** The Go that will build `build`, or an error that says what to get. */
export async function goFor(build: Build): Promise<Go> {
  const at = findGo();
  const wanted = wantedGo(build);
  if (!at) {
    throw unusable("Go is needed once, to build the tools that are not installed", [
      {
        where: build.title,
        what: "no `go` on PATH",
        allowed: `Go ${wanted} or newer`,
        fix: "install Go (https://go.dev/dl)",
      },
    ]);
  }
  const ran = await run(at, ["env", "GOVERSION"], {
    cwd: path.join(MODULES, build.module),
    env: goEnv(build),
  });
  const version = ran.stdout.trim();
  if (ran.code === 0 && version) return { path: at, version };
  throw unusable(`Go can't build ${build.title}`, [
    {
      where: at,
      what: withoutHosts(ran.stderr.trim()) || `go env ended with ${ran.code}`,
      allowed: `Go ${wanted} or newer`,
      fix: "install a newer Go (https://go.dev/dl), or let Go fetch one: GOTOOLCHAIN=auto",
    },
  ]);
}

/** The oldest Go that the module takes, from its go.mod. */
export function wantedGo(build: Build): string {
  const mod = fs.readFileSync(path.join(MODULES, build.module, "go.mod"), "utf8");
  return /^go (\S+)$/m.exec(mod)?.[1] ?? "1.25";
}

/** Builds the module in `src` (a copy; it is written to) and puts its programs in `bin`. */
export async function goBuild(go: Go, build: Build, src: string, bin: string, step: Step): Promise<void> {
  // Go's scratch files, which a killed build leaves behind, go where the next one clears up.
  const scratch = path.join(path.dirname(bin), "scratch");
  fs.mkdirSync(scratch);
  const env = { ...goEnv(build), GOTMPDIR: scratch };
  if (build.embed) {
    const { module, file } = build.embed;
    const ran = await fetching(build, step, () =>
      run(go.path, ["mod", "download", "-json", module], {
        cwd: src,
        env,
        onLine: (line) => downloading(line, step),
      }),
    );
    const { Dir } = JSON.parse(ran.stdout) as { Dir: string };
    fs.copyFileSync(path.join(Dir, file), path.join(src, path.basename(file)));
  }
  const flags = ["-mod=readonly", "-trimpath", ...(build.tags ? ["-tags", build.tags] : [])];
  // Listing what the build needs gets it, and nothing else: modules that only tests of others need stay away.
  const listed = await fetching(build, step, () =>
    run(go.path, ["list", "-deps", ...flags, build.packages], {
      cwd: src,
      env,
      onLine: (line) => downloading(line, step),
    }),
  );
  const total = listed.stdout.trim().split("\n").length;
  const settings = Object.entries(build.set ?? {}).map(([name, value]) => `-X ${name}=${value}`);
  const out = build.packages === "tool" ? `${bin}${path.sep}` : path.join(bin, build.binaries[0] as string);
  let compiled = 0;
  const args = [
    "build",
    ...flags,
    "-v",
    "-ldflags",
    ["-s", "-w", ...settings].join(" "),
    "-o",
    out,
    build.packages,
  ];
  const built = await run(go.path, args, {
    cwd: src,
    env,
    onLine: (line) => {
      if (/^[\w.-]+(\/|$)/.test(line)) step.update(`${++compiled} packages compiled, of ${total} at most`);
    },
  });
  if (built.code !== 0) {
    throw unusable(`${build.title} ${build.version} could not be built`, [
      {
        where: `go build in lab/toolbelt/modules/${build.module}`,
        what: withoutHosts(built.stderr.trim().split("\n").slice(-15).join("\n")),
      },
    ]);
  }
}

function downloading(line: string, step: Step): void {
  const found = /^go: downloading (\S+) (\S+)/.exec(line);
  if (found) step.update(`downloading ${found[1]}@${found[2]}`);
}

/** Tries a command that downloads until it works, a registry says no, or the tries are used up. */
export async function fetching(
  build: Build,
  step: Step,
  command: () => Promise<Ran>,
  backoff = BACKOFF_MS,
): Promise<Ran> {
  for (let tries = 1; ; tries++) {
    const ran = await command();
    if (ran.code === 0) return ran;
    const refusals = refusalsOf(ran.stderr);
    const [first] = refusals;
    const wait = first?.again ? backoff[tries - 1] : undefined;
    if (wait !== undefined) {
      step.update(`${first?.module ?? "a module"}: ${first?.reason}; trying again`);
      await sleep(wait);
      continue;
    }
    const problems = refusals.map(({ module, reason, again }) => ({
      where: module ?? `lab/toolbelt/modules/${build.module}`,
      what: reason,
      fix: again
        ? "run the same command again when the network is back: what was fetched is kept"
        : "ask your module registry for this version, or set GOPROXY to one that has it",
    }));
    const said = withoutHosts(ran.stderr.trim().split("\n").slice(-5).join("\n"));
    const title = `${build.title} ${build.version} could not be fetched${tries > 1 ? `, in ${tries} tries` : ""}`;
    throw unusable(
      title,
      problems.length > 0 ? problems : [{ where: `lab/toolbelt/modules/${build.module}`, what: said }],
    );
  }
}
