import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import { pathToFileURL } from "node:url";
import type { Progress } from "../../shared/progress";
import { ROOT } from "../../shared/paths";
import { hardLink, quoted, script, symlink } from "./files";
import { VERSIONS } from "./pins";
import { BIN, type Engine, findEngine, findProvider } from "./pulumi";
import { leash } from "./run";
import type { EngineTools, Tool } from "./types";

/** Our own PULUMI_HOME: no login, no plugins but those we put there. */
export const HOME = path.join(ROOT, ".hitless", "pulumi");
/** The file backend. */
export const STATE = path.join(ROOT, ".hitless", "state");

const LOGS_KEPT = 200;

/**
 * The engine, its Kubernetes provider and its Node.js language host, put where the engine finds them without a network.
 * Quick when they are there; else downloads or builds them, once a machine.
 * @throws {HitlessError} that says what to get when they can be neither found nor made.
 */
export async function ensureEngine(progress: Progress): Promise<EngineTools> {
  const engine = await findEngine(progress);
  const provider = await findProvider(progress);
  for (const dir of [BIN, HOME, STATE]) fs.mkdirSync(dir, { recursive: true });
  pruneLogs(path.join(HOME, "logs"));
  symlink(process.execPath, path.join(BIN, "node"));
  const plugin = installProvider(provider);
  const { pulumi, language } = installEngine(engine);
  return { pulumi, provider: plugin, language, env: () => engineEnv() };
}

function installEngine({ pulumi, language }: Engine): { pulumi: Tool; language: Tool } {
  const ours = path.join(BIN, "pulumi");
  const host = path.join(BIN, "pulumi-language-nodejs");
  if (language) {
    symlink(pulumi.path, ours);
    symlink(language, host);
    return {
      pulumi: { ...pulumi, path: ours },
      language: { ...pulumi, name: "pulumi-language-nodejs", path: host },
    };
  }
  // The engine looks for its language hosts beside its own executable, so that it must really be here.
  hardLink(fs.realpathSync(pulumi.path), ours);
  const preloads = ["inspect", "lazy-typescript"].map((name) =>
    bundled(`lab/toolbelt/language-host/${name}.ts`),
  );
  const main = bundled("lab/toolbelt/language-host/main.ts");
  starter(host, [process.execPath, main, ...preloads.map((file) => `--preload=${file}`)]);
  return {
    pulumi: { ...pulumi, path: ours },
    language: { name: "pulumi-language-nodejs", path: host, version: VERSIONS.pulumi, source: "repository" },
  };
}

function installProvider(provider: Tool): Tool {
  const dir = path.join(HOME, "plugins", `resource-kubernetes-v${VERSIONS.kubernetesProvider}`);
  fs.mkdirSync(dir, { recursive: true });
  const at = path.join(dir, "pulumi-resource-kubernetes");
  starter(at, [provider.path]);
  return { ...provider, path: at };
}

/** A script that starts `command`, and has it ended with the engine that started it. */
const starter = (at: string, command: string[]): void =>
  script(at, `exec ${[...leash(), ...command].map(quoted).join(" ")} "$@"`);

/** A TypeScript entry as one file that needs nothing else, quick to start. */
function bundled(entry: string): string {
  const bundler = createRequire(path.join(ROOT, "package.json"))("./tools/bundle.js") as {
    bundle(entry: string, options: { external: string[] }): string;
  };
  return bundler.bundle(entry, { external: [] });
}

/** The engine writes a log for each command, and keeps them all. */
function pruneLogs(dir: string): void {
  if (!fs.existsSync(dir)) return;
  const logs = fs.readdirSync(dir).map((name) => path.join(dir, name));
  if (logs.length <= LOGS_KEPT) return;
  const age = (file: string) => fs.statSync(file, { throwIfNoEntry: false })?.mtimeMs ?? 0;
  const oldest = logs.map((file) => ({ file, time: age(file) })).sort((a, b) => b.time - a.time);
  for (const { file } of oldest.slice(LOGS_KEPT)) fs.rmSync(file, { force: true });
}

/** The environment described at `EngineTools.env`. */
export function engineEnv(env: NodeJS.ProcessEnv = process.env): NodeJS.ProcessEnv {
  const kept = { ...env };
  for (const name of [
    "PULUMI_ACCESS_TOKEN",
    "PULUMI_BACKEND_URL",
    "PULUMI_STACK",
    "PULUMI_CONFIG",
    "KUBECONFIG",
  ]) {
    delete kept[name];
  }
  const secret =
    env.PULUMI_CONFIG_PASSPHRASE !== undefined || env.PULUMI_CONFIG_PASSPHRASE_FILE !== undefined;
  return {
    ...kept,
    PATH: [BIN, env.PATH].filter(Boolean).join(path.delimiter),
    PULUMI_HOME: HOME,
    // No such file: a program that names no cluster must not meet the one in the user's ~/.kube/config.
    KUBECONFIG: path.join(HOME, "no-kubeconfig"),
    PULUMI_BACKEND_URL: env.HITLESS_BACKEND ?? pathToFileURL(STATE).href,
    ...(secret ? {} : { PULUMI_CONFIG_PASSPHRASE: "" }),
    // A program talks to its engine on loopback, where gRPC for Node.js would go through the user's proxy.
    no_grpc_proxy: ["127.0.0.1", "localhost", env.no_grpc_proxy ?? env.no_proxy].filter(Boolean).join(","),
    PULUMI_SKIP_UPDATE_CHECK: "true",
    PULUMI_DISABLE_AUTOMATIC_PLUGIN_ACQUISITION: "true",
    // Plugins are those in our PULUMI_HOME: another version that happens to be on PATH is not taken.
    PULUMI_IGNORE_AMBIENT_PLUGINS: "true",
  };
}
