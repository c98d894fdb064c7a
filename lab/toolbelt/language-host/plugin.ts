import type { ServerWritableStream } from "@grpc/grpc-js";
import * as languagePb from "@pulumi/pulumi/proto/language_pb";
import type { Children } from "./children";
import { resolveRuntime } from "./program";

type Call = ServerWritableStream<languagePb.RunPluginRequest, languagePb.RunPluginResponse>;

/** Runs a policy pack (kind `analyzer`) or another Node.js plugin, streaming what it prints. */
export function runPlugin(call: Call, engine: string, started: Children): void {
  const request = call.request;
  const directory = request.getInfo()?.getProgramDirectory() || request.getProgram();
  const analyzer = request.getKind() === "analyzer";
  const runtime = resolveRuntime(directory, analyzer ? "cmd/run-policy-pack" : "cmd/run-plugin");
  const args = [runtime, ...(analyzer ? [engine, directory] : [engine, directory, ...request.getArgsList()])];
  const child = started.start(process.execPath, args, {
    // The pack's own package.json is read from the working directory.
    cwd: analyzer ? directory : request.getPwd() || directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment(request.getEnvList()) },
  });
  const write = (set: (response: languagePb.RunPluginResponse) => void) => {
    const response = new languagePb.RunPluginResponse();
    set(response);
    call.write(response);
  };
  child.stdout?.on("data", (chunk: Buffer) => write((response) => response.setStdout(chunk)));
  child.stderr?.on("data", (chunk: Buffer) => write((response) => response.setStderr(chunk)));
  child.once("error", (error) => call.destroy(error));
  child.once("close", (code) => {
    write((response) => response.setExitcode(code ?? 1));
    call.end();
  });
  call.on("cancelled", () => child.kill("SIGKILL"));
}

function environment(list: string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((entry) => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
