/**
 * `pulumi-language-nodejs`: the engine's Node.js language host, for machines where Pulumi's own cannot be had
 * (it is not published as a module). The engine starts it, reads a port from its output, and asks it over gRPC
 * to run programs and policy packs. It does what Hitless needs of the protocol (LanguageRuntime); it cannot
 * generate code or pack plugins.
 */
import * as grpc from "@grpc/grpc-js";
import * as emptyPb from "google-protobuf/google/protobuf/empty_pb";
import * as languagePb from "@pulumi/pulumi/proto/language_pb";
import * as pluginPb from "@pulumi/pulumi/proto/plugin_pb";
import { LanguageRuntimeService } from "./service";
import { type Children, children } from "./children";
import { runPlugin } from "./plugin";
import { runProgram } from "./program";

type Unary<Req, Res> = (request: Req) => Res | Promise<Res>;

function unary<Req, Res>(answer: Unary<Req, Res>): grpc.handleUnaryCall<Req, Res> {
  return (call, callback) => {
    Promise.resolve()
      .then(() => answer(call.request))
      .then(
        (response) => callback(null, response),
        (error: unknown) =>
          callback({
            code: grpc.status.UNKNOWN,
            message: error instanceof Error ? error.message : String(error),
          }),
      );
  };
}

/** The engine's address is given as a flag or argument by older engines, and by the handshake by newer ones. */
function engineAddress(argv: string[]): string {
  return argv.find((argument) => /^[^-].*:\d+$/.test(argument)) ?? "";
}

function about(): languagePb.AboutResponse {
  const response = new languagePb.AboutResponse();
  response.setExecutable(process.execPath);
  response.setVersion(process.version);
  return response;
}

function implementation(started: Children, engine: { address: string }): grpc.UntypedServiceImplementation {
  return {
    handshake: unary((request: languagePb.LanguageHandshakeRequest) => {
      engine.address = request.getEngineAddress() || engine.address;
      return new languagePb.LanguageHandshakeResponse();
    }),
    getPluginInfo: unary(() => {
      const info = new pluginPb.PluginInfo();
      info.setVersion(process.env["HITLESS_LANGUAGE_HOST_VERSION"] ?? "0.1.0");
      return info;
    }),
    // Which plugins a program needs is known here beforehand: the toolbelt has put them in place.
    getRequiredPlugins: unary(() => new languagePb.GetRequiredPluginsResponse()),
    getRequiredPackages: unary(() => new languagePb.GetRequiredPackagesResponse()),
    run: unary((request: languagePb.RunRequest) => runProgram(request, engine.address, started)),
    runPlugin: (call: grpc.ServerWritableStream<languagePb.RunPluginRequest, languagePb.RunPluginResponse>) =>
      runPlugin(call, engine.address, started),
    about: unary(about),
    getProgramDependencies: unary(() => new languagePb.GetProgramDependenciesResponse()),
    runtimeOptionsPrompts: unary(() => new languagePb.RuntimeOptionsResponse()),
    // Dependencies are installed by npm, before the engine is asked for anything.
    installDependencies: (call: grpc.ServerWritableStream<unknown, unknown>) => call.end(),
    cancel: unary(() => {
      started.stop();
      return new emptyPb.Empty();
    }),
  };
}

function main(): void {
  const started = children();
  const engine = { address: engineAddress(process.argv.slice(2)) };
  // The engine sends whole configs; the default limit of 4 MB would cut large ones.
  const server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  server.addService(LanguageRuntimeService, implementation(started, engine));
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      process.stderr.write(`pulumi-language-nodejs: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
}

main();
