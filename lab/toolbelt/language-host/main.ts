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
import { VERSIONS } from "../pins";
import { children } from "./children";
import { installDependencies, programDependencies } from "./dependencies";
import { runPlugin } from "./plugin";
import { type Context, runProgram } from "./program";

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

function implementation(context: Context): grpc.UntypedServiceImplementation {
  return {
    handshake: unary((request: languagePb.LanguageHandshakeRequest) => {
      context.engine = request.getEngineAddress() || context.engine;
      return new languagePb.LanguageHandshakeResponse();
    }),
    getPluginInfo: unary(() => {
      const info = new pluginPb.PluginInfo();
      info.setVersion(VERSIONS.pulumi);
      return info;
    }),
    // Which plugins a program needs is known beforehand: the toolbelt has put them in place.
    getRequiredPlugins: unary(() => new languagePb.GetRequiredPluginsResponse()),
    getRequiredPackages: unary(() => new languagePb.GetRequiredPackagesResponse()),
    run: unary((request: languagePb.RunRequest) => runProgram(request, context)),
    runPlugin: streaming((call: Streaming<languagePb.RunPluginRequest, languagePb.RunPluginResponse>) =>
      runPlugin(call, context),
    ),
    about: unary(about),
    getProgramDependencies: unary((request: languagePb.GetProgramDependenciesRequest) => {
      const response = new languagePb.GetProgramDependenciesResponse();
      const directory = request.getInfo()?.getProgramDirectory() || request.getPwd();
      response.setDependenciesList(programDependencies(directory));
      return response;
    }),
    runtimeOptionsPrompts: unary(() => new languagePb.RuntimeOptionsResponse()),
    template: unary(() => new languagePb.TemplateResponse()),
    installDependencies: streaming(
      (call: Streaming<languagePb.InstallDependenciesRequest, languagePb.InstallDependenciesResponse>) =>
        installDependencies(call, context),
    ),
    cancel: unary(() => {
      context.children.stop();
      return new emptyPb.Empty();
    }),
  };
}

type Streaming<Req, Res> = grpc.ServerWritableStream<Req, Res>;

function streaming<Req, Res>(
  answer: (call: Streaming<Req, Res>) => void,
): (call: Streaming<Req, Res>) => void {
  return (call) => {
    try {
      answer(call);
    } catch (error) {
      call.destroy(error instanceof Error ? error : new Error(String(error)));
    }
  };
}

function main(argv: string[]): void {
  const scripts = argv.filter((it) => it.startsWith("--preload=")).map((it) => it.slice("--preload=".length));
  const preload = scripts.flatMap((script) => ["-r", script]);
  const context: Context = { engine: engineAddress(argv), preload, children: children() };
  // The engine sends whole configs; the default limit of 4 MB would cut large ones.
  const server = new grpc.Server({ "grpc.max_receive_message_length": 400 * 1024 * 1024 });
  server.addService(LanguageRuntimeService, implementation(context));
  server.bindAsync("127.0.0.1:0", grpc.ServerCredentials.createInsecure(), (error, port) => {
    if (error) {
      process.stderr.write(`pulumi-language-nodejs: ${error.message}\n`);
      process.exit(1);
    }
    process.stdout.write(`${port}\n`);
  });
}

main(process.argv.slice(2));
