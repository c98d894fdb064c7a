import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import { ROOT } from "../../shared/paths";

export interface Run {
  ok: boolean;
  /** stdout and stderr. */
  output: string;
  /** Names of the Deployments that were written. */
  written: string[];
}

/** A throwaway Pulumi project, stack and backend for trying the pack on the real engine. */
export class Trial {
  private constructor(
    private readonly dir: string,
    readonly environment: NodeJS.ProcessEnv,
  ) {}

  static async create(stack: string, env: NodeJS.ProcessEnv): Promise<Trial> {
    // Within the checkout, so that the program finds its packages.
    const home = path.join(ROOT, ".hitless");
    fs.mkdirSync(home, { recursive: true });
    const dir = fs.mkdtempSync(path.join(home, "policies-test-"));
    fs.cpSync(path.join(ROOT, "policies", "testing", "program"), dir, { recursive: true });
    fs.mkdirSync(path.join(dir, "state"));
    const trial = new Trial(dir, { ...env, PULUMI_BACKEND_URL: pathToFileURL(path.join(dir, "state")).href });
    const { ok, output } = await trial.pulumi(["stack", "init", stack]);
    if (!ok) throw new Error(output);
    return trial;
  }

  remove(): void {
    fs.rmSync(this.dir, { recursive: true, force: true });
  }

  /** `preview`, or `up` without a preview, of these Deployments under the pack. */
  async run(command: "preview" | "up", objects: object, config?: object): Promise<Run> {
    fs.writeFileSync(path.join(this.dir, "objects.json"), JSON.stringify(objects));
    const options = ["--policy-pack", path.join(ROOT, "policies")];
    if (config) {
      fs.writeFileSync(path.join(this.dir, "config.json"), JSON.stringify(config));
      options.push("--policy-pack-config", "config.json");
    }
    const { ok, output } = await this.pulumi(
      command === "up" ? ["up", "--yes", "--skip-preview", ...options] : ["preview", ...options],
    );
    return { ok, output, written: this.written() };
  }

  private written(): string[] {
    const rendered = path.join(this.dir, "rendered");
    if (!fs.existsSync(rendered)) return [];
    return fs
      .readdirSync(rendered, { recursive: true, encoding: "utf8" })
      .flatMap((file) => /deployment-(.*)\.yaml$/.exec(file)?.[1] ?? [])
      .sort();
  }

  private async pulumi(args: string[]): Promise<{ ok: boolean; output: string }> {
    const child = spawn("pulumi", [...args, "--non-interactive", "--color", "never"], {
      cwd: this.dir,
      env: this.environment,
      stdio: ["ignore", "pipe", "pipe"],
    });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (text) => (output += String(text)));
    return new Promise((resolve, reject) => {
      child.on("error", reject);
      child.on("close", (code) => resolve({ ok: code === 0, output }));
    });
  }
}
