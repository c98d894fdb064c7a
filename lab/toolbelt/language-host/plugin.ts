import type { ServerWritableStream } from "@grpc/grpc-js";
import * as languagePb from "@pulumi/pulumi/proto/language_pb";
import { type Context, resolveRuntime } from "./program";
import { relay } from "./relay";

type Call = ServerWritableStream<languagePb.RunPluginRequest, languagePb.RunPluginResponse>;

/** Runs a policy pack (kind `analyzer`) or another Node.js plugin, streaming what it prints. */
export function runPlugin(call: Call, { engine, preload, children }: Context): void {
  const request = call.request;
  const directory = request.getInfo()?.getProgramDirectory() || request.getProgram();
  const analyzer = request.getKind() === "analyzer";
  const runtime = resolveRuntime(directory, analyzer ? "cmd/run-policy-pack" : "cmd/run-plugin");
  // A pack is told the engine's address first; other plugins get it among their arguments.
  const args = analyzer ? [engine, directory] : [directory, ...request.getArgsList()];
  const child = children.start(process.execPath, [...preload, runtime, ...args], {
    // The pack's own package.json is read from the working directory.
    cwd: analyzer ? directory : request.getPwd() || directory,
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, ...environment(request.getEnvList()) },
  });
  const send = (set: (response: languagePb.RunPluginResponse) => void) => {
    const response = new languagePb.RunPluginResponse();
    set(response);
    call.write(response);
  };
  relay(call, child, {
    stdout: (chunk) => send((response) => response.setStdout(chunk)),
    stderr: (chunk) => send((response) => response.setStderr(chunk)),
    ended: (code) => {
      send((response) => response.setExitcode(code));
      call.end();
    },
  });
}

function environment(list: string[]): Record<string, string> {
  return Object.fromEntries(
    list.map((entry) => {
      const at = entry.indexOf("=");
      return [entry.slice(0, at), entry.slice(at + 1)];
    }),
  );
}
