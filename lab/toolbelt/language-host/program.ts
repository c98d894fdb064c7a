import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import * as languagePb from "@pulumi/pulumi/proto/language_pb";
import type { Children } from "./children";

/** Exit code by which the Node.js runtime says that it has already told the user what went wrong. */
const ALREADY_LOGGED = 32;

/** Resolves a file of the program's own @pulumi/pulumi, so that program and runtime are one version. */
export function resolveRuntime(directory: string, file: string): string {
  try {
    return createRequire(path.join(directory, "index.js")).resolve(`@pulumi/pulumi/${file}`);
  } catch (error) {
    throw new Error(
      `@pulumi/pulumi is not installed where ${directory} finds it: run \`npm install\` there`,
      {
        cause: error,
      },
    );
  }
}

/** What the engine knows of the processes of one run. */
export interface Context {
  /** The engine's address. */
  engine: string;
  /** Arguments for Node.js that load our scripts before a program. */
  preload: string[];
  children: Children;
}

type Options = Record<string, unknown>;

/** Runs a program to its end: the resources it registers go to the engine's monitor, not through here. */
export async function runProgram(
  request: languagePb.RunRequest,
  { engine, preload, children }: Context,
): Promise<languagePb.RunResponse> {
  const info = request.getInfo();
  const pwd = request.getPwd() || info?.getProgramDirectory() || process.cwd();
  // Relative to `pwd`; "." lets the runtime look into package.json.
  const program = info?.getEntryPoint() || request.getProgram() || ".";
  const options = (info?.getOptions()?.toJavaScript() ?? {}) as Options;
  const flag = (name: string, value: string) => (value ? [`--${name}`, value] : []);
  const args = [
    ...preload,
    ...words(options["nodeargs"]),
    resolveRuntime(folderOf(path.resolve(pwd, program)), "cmd/run"),
    ...flag("monitor", request.getMonitorAddress()),
    ...flag("engine", engine),
    ...flag("project", request.getProject()),
    ...flag("root-directory", info?.getRootDirectory() ?? ""),
    ...flag("stack", request.getStack()),
    ...flag("organization", request.getOrganization()),
    ...flag("pwd", pwd),
    ...flag("parallel", String(request.getParallel())),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    ...(request.getQuerymode() ? ["--query-mode"] : []),
    program,
    ...request.getArgsList(),
  ];
  const child = children.start(process.execPath, args, {
    cwd: pwd,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toObject())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      PULUMI_NODEJS_TYPESCRIPT: String(options["typescript"] !== false),
      ...(typeof options["tsconfig"] === "string"
        ? { PULUMI_NODEJS_TSCONFIG_PATH: options["tsconfig"] }
        : {}),
    },
  });
  const { code, signal } = await new Promise<{ code: number | null; signal: string | null }>(
    (resolve, reject) => {
      child.once("error", reject);
      child.once("close", (exit, by) => resolve({ code: exit, signal: by }));
    },
  );
  const response = new languagePb.RunResponse();
  if (code === ALREADY_LOGGED) response.setBail(true);
  else if (code !== 0)
    response.setError(`the program ${signal ? `was ended by ${signal}` : `exited with code ${code}`}`);
  return response;
}

const folderOf = (file: string): string =>
  fs.statSync(file, { throwIfNoEntry: false })?.isDirectory() ? file : path.dirname(file);

/** Runtime option `nodeargs`, as Pulumi's own host takes it. */
const words = (text: unknown): string[] =>
  typeof text === "string" ? text.split(/\s+/).filter(Boolean) : [];
