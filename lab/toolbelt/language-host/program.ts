import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import * as languagePb from "@pulumi/pulumi/proto/language_pb";
import type { Children } from "./children";

/** Exit code by which the Node.js runtime says that it has already told the user what went wrong. */
const ALREADY_LOGGED = 32;

/** Resolves a file of the program's own @pulumi/pulumi, so that program and runtime are one version. */
export function resolveRuntime(directory: string, file: string): string {
  return createRequire(path.join(directory, "index.js")).resolve(`@pulumi/pulumi/${file}`);
}

type Options = Record<string, unknown>;

/** Runs a program to its end: the resources it registers go to the engine's monitor, not through here. */
export async function runProgram(
  request: languagePb.RunRequest,
  engine: string,
  started: Children,
): Promise<languagePb.RunResponse> {
  const info = request.getInfo();
  const pwd = request.getPwd() || info?.getProgramDirectory() || process.cwd();
  const program = path.resolve(
    info?.getProgramDirectory() ?? pwd,
    info?.getEntryPoint() || request.getProgram() || ".",
  );
  const options = (info?.getOptions()?.toJavaScript() ?? {}) as Options;
  const args = [
    ...nodeArgs(options),
    resolveRuntime(
      fs.statSync(program, { throwIfNoEntry: false })?.isDirectory() ? program : path.dirname(program),
      "cmd/run",
    ),
    "--monitor",
    request.getMonitorAddress(),
    "--engine",
    engine,
    "--project",
    request.getProject(),
    "--stack",
    request.getStack(),
    "--pwd",
    pwd,
    "--parallel",
    String(request.getParallel()),
    ...(request.getOrganization() ? ["--organization", request.getOrganization()] : []),
    ...(request.getDryrun() ? ["--dry-run"] : []),
    ...(request.getQuerymode() ? ["--query-mode"] : []),
    program,
    ...request.getArgsList(),
  ];
  const child = started.start(process.execPath, args, {
    cwd: pwd,
    stdio: ["ignore", "inherit", "inherit"],
    env: {
      ...process.env,
      PULUMI_CONFIG: JSON.stringify(Object.fromEntries(request.getConfigMap().toObject())),
      PULUMI_CONFIG_SECRET_KEYS: JSON.stringify(request.getConfigsecretkeysList()),
      ...(options["typescript"] === false
        ? { PULUMI_NODEJS_TYPESCRIPT: "false" }
        : { PULUMI_NODEJS_TYPESCRIPT: "true" }),
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

/** Runtime option `nodeargs`, as Pulumi's own host takes it. */
function nodeArgs(options: Options): string[] {
  const text = options["nodeargs"];
  return typeof text === "string" ? text.split(/\s+/).filter(Boolean) : [];
}
