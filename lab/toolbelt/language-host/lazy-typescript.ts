/**
 * Loaded before a program or a policy pack. Pulumi's runtime loads TypeScript in each of them, and ts-node before every
 * pack and every program that does not say `typescript: false`: a third of a second even where all is JavaScript.
 * This puts it off until TypeScript is used; then all goes as without it.
 */
import Module from "node:module";

interface Loader {
  _load(request: string, parent: NodeJS.Module | undefined, isMain: boolean): unknown;
  _resolveFilename(request: string, parent: NodeJS.Module | undefined): string;
  _extensions: Record<string, (module: NodeJS.Module, filename: string) => unknown>;
}

interface Options {
  compilerOptions?: { allowJs?: unknown };
}

const loader = Module as unknown as Loader;
const load = loader._load.bind(loader);

/** Pulumi's own modules that load TypeScript only to have it ready. */
const RUNTIME = /[\\/]@pulumi[\\/]pulumi[\\/](cmd[\\/][\w-]+[\\/]run|tsutils|typescript-shim)\.js$/;

loader._load = (request, parent, isMain) => {
  if ((request !== "typescript" && request !== "ts-node") || !parent || !RUNTIME.test(parent.filename)) {
    return load(request, parent, isMain);
  }
  // Throws where it is not installed, as loading it would.
  loader._resolveFilename(request, parent);
  const { version } = load(`${request}/package.json`, parent, false) as { version: string };
  if (request === "ts-node") return { VERSION: version, register: registerLater(parent) };
  return new Proxy(
    {},
    {
      get: (_, key) =>
        key === "version" ? version : (load(request, parent, false) as Record<PropertyKey, unknown>)[key],
    },
  );
};

function registerLater(parent: NodeJS.Module): (options: Options) => void {
  const register = (options: Options) =>
    (load("ts-node", parent, false) as { register(options: Options): void }).register(options);
  return (options) => {
    // Then JavaScript is compiled too.
    if (options.compilerOptions?.allowJs) return register(options);
    const before = loader._extensions;
    const saved = { ".ts": before[".ts"], ".tsx": before[".tsx"] };
    for (const extension of [".ts", ".tsx"] as const) {
      loader._extensions[extension] = (module, filename) => {
        for (const [name, handler] of Object.entries(saved)) {
          if (handler) loader._extensions[name] = handler;
          else delete loader._extensions[name];
        }
        register(options);
        return loader._extensions[extension]?.(module, filename);
      };
    }
  };
}
