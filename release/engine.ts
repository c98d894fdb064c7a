import { spawn } from "node:child_process";
import * as fs from "node:fs";
import * as path from "node:path";
import { ROOT } from "../shared/paths";
import { refused, unusable } from "../shared/errors";
import { engineLocks } from "./locks";
import type { Project } from "./project";

/**
 * The Pulumi engine, run as the user would run it: `pulumi up` with the policy pack. (The Automation API's own
 * `up` starts four more processes for each update, to read outputs and history that a release does not need.)
 */
export interface Engine {
  project: Project;
  env: NodeJS.ProcessEnv;
}

export interface EngineRun {
  code: number;
  output: string;
  /** What the policy pack said, one entry a violation. */
  policy: PolicyViolation[];
}

export interface PolicyViolation {
  policy: string;
  pack: string;
  version: string;
  level: string;
  message: string;
  urn: string | undefined;
}

const POLICIES = path.join(ROOT, "policies");
/** The version of the policy pack that every update here runs with. */
export const PACK_VERSION = (
  JSON.parse(fs.readFileSync(path.join(POLICIES, "package.json"), "utf8")) as { version: string }
).version;

/** How often an engine that another process left running is looked at. */
const POLL_MS = 200;

/** Creates the stack if there is none yet. */
export async function ensureStack(engine: Engine, stack: string): Promise<void> {
  const listed = await run(engine, ["stack", "ls", "--json"]);
  if (listed.code === 0) {
    const stacks = JSON.parse(listed.output) as { name: string }[];
    if (stacks.some(({ name }) => name === stack || name.endsWith(`/${stack}`))) return;
  }
  const made = await run(engine, ["stack", "init", stack, "--no-select"]);
  if (made.code !== 0 && !made.output.includes("already exists"))
    throw failed(`pulumi stack init ${stack}`, made);
}

export interface UpOptions {
  message: string;
  /** Holder of the release Lease on whose behalf this runs. */
  holder?: string | undefined;
  onLine?: ((line: string) => void) | undefined;
  preview?: boolean;
  /** File with the pack's config. */
  policyConfig?: string | undefined;
}

/**
 * `pulumi up` (or `preview`) of one stack with the policy pack. Waits for an engine that a killed command left
 * running, and clears the lock of one that is dead.
 */
export async function up(engine: Engine, stack: string, options: UpOptions): Promise<EngineRun> {
  await settleLocks(engine, stack);
  const log = logFile(engine, stack);
  const events = `${log}.events`;
  fs.rmSync(events, { force: true });
  const config = options.policyConfig ?? defaultPolicyConfig(engine);
  const args = [
    ...(options.preview ? ["preview"] : ["up", "--yes", "--skip-preview"]),
    "--stack",
    stack,
    "--policy-pack",
    POLICIES,
    ...(config ? ["--policy-pack-config", config] : []),
    "--message",
    options.message,
    "--non-interactive",
    "--color=never",
    "--suppress-progress",
    "--event-log",
    events,
  ];
  const env = options.holder ? { ...engine.env, HITLESS_RELEASE: options.holder } : engine.env;
  const result = await run({ ...engine, env }, args, options.onLine, log);
  return { ...result, policy: readViolations(events) };
}

/** A pack config beside the stacks is used for all of them. */
const defaultPolicyConfig = ({ project }: Engine): string | undefined => {
  const file = path.join(project.stacksDir, "policies.json");
  return fs.existsSync(file) ? file : undefined;
};

/** Every update of a stack, newest first, with the config it applied. */
export interface Update {
  version: number;
  result: string;
  message: string;
  startTime: string;
  config: Record<string, unknown>;
}

export async function history(engine: Engine, stack: string): Promise<Update[]> {
  const result = await run(engine, ["stack", "history", "--stack", stack, "--json", "--full-dates"]);
  if (result.code !== 0) throw failed(`pulumi stack history of ${stack}`, result);
  const updates = JSON.parse(result.output || "[]") as (Omit<Update, "config"> & {
    config: Record<string, { value?: string; objectValue?: unknown; secret?: boolean }>;
  })[];
  const prefix = `${engine.project.name}:`;
  return updates.map((update) => ({
    ...update,
    config: Object.fromEntries(
      Object.entries(update.config ?? {}).flatMap(([key, { value, objectValue, secret }]) =>
        key.startsWith(prefix) && !secret ? [[key.slice(prefix.length), objectValue ?? parse(value)]] : [],
      ),
    ),
  }));
}

function parse(text: string | undefined): unknown {
  try {
    return JSON.parse(text ?? "null");
  } catch {
    return text;
  }
}

export const engineVersion = async (engine: Engine): Promise<string> =>
  (await run(engine, ["version"])).output.trim().replace(/^v/, "");

async function settleLocks(engine: Engine, stack: string): Promise<void> {
  for (;;) {
    const held = engineLocks(engine.env["PULUMI_BACKEND_URL"] ?? "", engine.project.name, stack);
    if (held.length === 0) return;
    if (!held.some((lock) => lock.alive)) {
      const cancelled = await run(engine, ["cancel", "--yes", "--stack", stack]);
      if (cancelled.code !== 0) throw failed(`pulumi cancel of ${stack}`, cancelled);
      return;
    }
    await new Promise((resolve) => setTimeout(resolve, POLL_MS));
  }
}

/** Runs the engine. With `log`, output goes to that file, so that an engine whose parent is killed can still finish. */
async function run(
  engine: Engine,
  args: string[],
  onLine?: (line: string) => void,
  log?: string,
): Promise<EngineRun> {
  const output = log ? fs.openSync(log, "w") : undefined;
  const child = spawn("pulumi", args, {
    cwd: engine.project.dir,
    env: { ...engine.env, PULUMI_DEBUG_COMMANDS: "true" },
    stdio: ["ignore", output ?? "pipe", output ?? "pipe"],
    // An interrupt at the terminal is for the release: it ends between two updates, never in the middle of one.
    detached: true,
  });
  if (output !== undefined) fs.closeSync(output);
  let text = "";
  child.stdout?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  child.stderr?.on("data", (chunk: Buffer) => (text += chunk.toString()));
  const stop = log && onLine ? follow(log, onLine) : () => undefined;
  const code = await new Promise<number>((resolve, reject) => {
    child.once("error", (cause) =>
      reject(
        unusable("the engine could not be started", [{ where: "pulumi", what: cause.message }], {
          cause,
        }),
      ),
    );
    child.once("close", (exit, signal) => resolve(exit ?? (signal ? 1 : 0)));
  });
  stop();
  return { code, output: log ? fs.readFileSync(log, "utf8") : text, policy: [] };
}

const FOLLOW_MS = 200;

function follow(log: string, onLine: (line: string) => void): () => void {
  let at = 0;
  const read = () => {
    const text = fs.readFileSync(log, "utf8");
    const end = text.lastIndexOf("\n") + 1;
    if (end > at)
      text
        .slice(at, end - 1)
        .split("\n")
        .forEach(onLine);
    at = Math.max(at, end);
  };
  const timer = setInterval(read, FOLLOW_MS);
  return () => {
    clearInterval(timer);
    read();
  };
}

function logFile(engine: Engine, stack: string): string {
  const folder = path.join(engine.project.dir, ".hitless", "logs");
  fs.mkdirSync(folder, { recursive: true });
  return path.join(folder, `${stack}.log`);
}

interface EngineEvent {
  policyEvent?: {
    policyName: string;
    policyPackName: string;
    policyPackVersion: string;
    enforcementLevel: string;
    message: string;
    resourceUrn?: string;
  };
}

function parseEvent(line: string): EngineEvent | undefined {
  try {
    return JSON.parse(line) as EngineEvent;
  } catch {
    return undefined;
  }
}

/** What the policy pack said, out of the engine's event log: one event a line, the last of them perhaps cut off. */
export function readViolations(events: string): PolicyViolation[] {
  if (!fs.existsSync(events)) return [];
  return fs
    .readFileSync(events, "utf8")
    .split("\n")
    .flatMap((line) => {
      const event = parseEvent(line)?.policyEvent;
      if (!event) return [];
      return [
        {
          policy: event.policyName,
          pack: event.policyPackName,
          version: event.policyPackVersion,
          level: event.enforcementLevel,
          message: event.message,
          urn: event.resourceUrn,
        },
      ];
    });
}

/** The error for an engine run that did not go through: its own words, without the noise around them. */
export function failed(what: string, result: EngineRun) {
  const lines = result.output.split("\n");
  // What the stack put out before says nothing about why this update failed.
  const outputs = lines.findIndex((line) => line.startsWith("Outputs:"));
  const said = (outputs < 0 ? lines : lines.slice(0, outputs))
    .filter(
      (line) =>
        line.trim() &&
        !/^(Updating|Previewing|View |Loading policy|Duration:|Resources:|\s+@ |@ )/.test(line),
    )
    .join("\n");
  return refused(`${what} did not go through:\n${said}`);
}
