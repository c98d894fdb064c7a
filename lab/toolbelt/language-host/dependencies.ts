import * as fs from "node:fs";
import { createRequire } from "node:module";
import * as path from "node:path";
import type { ServerWritableStream } from "@grpc/grpc-js";
import * as languagePb from "@pulumi/pulumi/proto/language_pb";
import type { Context } from "./program";
import { relay } from "./relay";

interface Manifest {
  version?: string;
  dependencies?: Record<string, string>;
  devDependencies?: Record<string, string>;
}

/** The packages a program names in its package.json, with the versions that are installed. */
export function programDependencies(directory: string): languagePb.DependencyInfo[] {
  const file = path.join(directory, "package.json");
  const { dependencies, devDependencies } = manifest(file);
  const resolve = createRequire(file).resolve;
  return Object.entries({ ...devDependencies, ...dependencies }).map(([name, wanted]) => {
    const dependency = new languagePb.DependencyInfo();
    const places = resolve.paths(name) ?? [];
    const installed = places.map((place) => manifest(path.join(place, name, "package.json")).version);
    dependency.setName(name);
    dependency.setVersion(installed.find(Boolean) ?? wanted);
    return dependency;
  });
}

function manifest(file: string): Manifest {
  try {
    return JSON.parse(fs.readFileSync(file, "utf8")) as Manifest;
  } catch {
    return {};
  }
}

type Call = ServerWritableStream<
  languagePb.InstallDependenciesRequest,
  languagePb.InstallDependenciesResponse
>;

/** `npm install`, streaming what it prints. Asked for by `pulumi install` and `pulumi new`, never by an update. */
export function installDependencies(call: Call, { children }: Context): void {
  const directory = call.request.getDirectory() || call.request.getInfo()?.getProgramDirectory();
  const child = children.start("npm", ["install", "--loglevel=error"], {
    cwd: directory,
    stdio: ["ignore", "pipe", "pipe"],
  });
  const send = (set: (response: languagePb.InstallDependenciesResponse) => void) => {
    const response = new languagePb.InstallDependenciesResponse();
    set(response);
    call.write(response);
  };
  relay(call, child, {
    stdout: (chunk) => send((response) => response.setStdout(chunk)),
    stderr: (chunk) => send((response) => response.setStderr(chunk)),
    ended: (code) =>
      code === 0 ? call.end() : call.destroy(new Error(`npm install exited with code ${code}`)),
  });
}
