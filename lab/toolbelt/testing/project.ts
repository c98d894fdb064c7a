import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as os from "node:os";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../../shared/paths";
import type { EngineTools } from "../types";

export interface Said {
  code: number | null;
  /** stdout and stderr. */
  text: string;
}

/** No command of these small projects takes this long; one that does is ended, and says what it was doing. */
const PATIENCE_MS = 60_000;

/** A Pulumi project in a folder of its own with a backend of its own, gone after the test. */
export class Project {
  readonly dir = fs.mkdtempSync(path.join(os.tmpdir(), "hitless-"));
  readonly env: NodeJS.ProcessEnv;

  constructor(
    private readonly tools: EngineTools,
    files: Record<string, string>,
  ) {
    fs.mkdirSync(path.join(this.dir, "state"));
    fs.symlinkSync(path.join(ROOT, "node_modules"), path.join(this.dir, "node_modules"));
    for (const [name, text] of Object.entries({ "package.json": "{}", ...files })) {
      fs.mkdirSync(path.dirname(path.join(this.dir, name)), { recursive: true });
      fs.writeFileSync(path.join(this.dir, name), text);
    }
    this.env = { ...tools.env(), PULUMI_BACKEND_URL: pathToFileURL(path.join(this.dir, "state")).href };
  }

  /** Runs `pulumi ARGS` to its end; `started` is given its process id at once. */
  run(args: string[], started: (pid: number) => void = () => undefined): Promise<Said> {
    const child = spawn(this.tools.pulumi.path, ["--non-interactive", ...args], {
      cwd: this.dir,
      env: this.env,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let text = "";
    for (const stream of [child.stdout, child.stderr])
      stream.on("data", (chunk: Buffer) => (text += chunk.toString()));
    started(child.pid as number);
    const late = setTimeout(() => {
      const family = descendants(child.pid as number).map((it) => `${it.pid} ${it.command}`);
      text += `\nstill running after ${PATIENCE_MS / 1000} s:\n${family.join("\n")}\n`;
      child.kill("SIGKILL");
    }, PATIENCE_MS);
    return new Promise((resolve) =>
      child.on("close", (code) => {
        clearTimeout(late);
        resolve({ code, text });
      }),
    );
  }

  /** `pulumi up` of a stack, which is made if it is not there. */
  async up(stack: string, ...args: string[]): Promise<Said> {
    await this.run(["stack", "select", "--create", stack]);
    return this.run(["up", "--stack", stack, "--yes", "--skip-preview", ...args]);
  }

  async outputs(stack: string): Promise<Record<string, unknown>> {
    return JSON.parse((await this.run(["stack", "output", "--stack", stack, "--json"])).text) as Record<
      string,
      unknown
    >;
  }

  remove(): void {
    fs.rmSync(this.dir, { recursive: true, force: true });
  }
}

/** The processes that descend from `pid`, with their command lines. */
export function descendants(pid: number): { pid: number; command: string }[] {
  const all = fs.readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? processAt(Number(name)) : []));
  const found: { pid: number; command: string }[] = [];
  for (const parents = [pid]; parents.length > 0;) {
    const parent = parents.pop();
    for (const child of all.filter((it) => it.parent === parent)) {
      found.push({ pid: child.pid, command: child.command });
      parents.push(child.pid);
    }
  }
  return found;
}

function processAt(pid: number): { pid: number; parent: number; command: string }[] {
  try {
    const stat = fs.readFileSync(`/proc/${pid}/stat`, "utf8");
    const parent = Number(stat.slice(stat.lastIndexOf(")") + 2).split(" ")[1]);
    return [{ pid, parent, command: fs.readFileSync(`/proc/${pid}/cmdline`, "utf8").replaceAll("\0", " ") }];
  } catch {
    return [];
  }
}
