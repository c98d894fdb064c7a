import * as fs from "node:fs";
import * as path from "node:path";
import { type Document, isMap, isNode, isScalar, parseDocument } from "yaml";
import { type SlotConfig, type StackConfig, parseStackConfig, type TrafficConfig } from "../infra/config";
import { type Slot, SLOTS } from "../components/names";
import { unusable } from "../shared/errors";

/** A folder with a Pulumi.yaml, and its stacks' config files. */
export interface Project {
  dir: string;
  name: string;
  stacksDir: string;
}

/** One stack's config file, as it is on disk. */
export interface StackFile<Config extends StackConfig = StackConfig> {
  stack: string;
  file: string;
  config: Config;
}

/** The stacks of one environment. */
export interface EnvironmentFiles {
  environment: string;
  platform: StackFile | undefined;
  slots: Partial<Record<Slot, StackFile<SlotConfig>>>;
  traffic: StackFile<TrafficConfig>;
}

/** The project that `from` is in. @throws HitlessError when there is none */
export function findProject(from = process.cwd()): Project {
  for (let dir = path.resolve(from); ; dir = path.dirname(dir)) {
    const file = path.join(dir, "Pulumi.yaml");
    if (fs.existsSync(file)) {
      const document = readYaml(file, file);
      const text = (key: string) => {
        const value: unknown = isMap(document.contents) ? document.get(key) : undefined;
        return typeof value === "string" ? value : undefined;
      };
      return {
        dir,
        name: text("name") ?? "hitless",
        stacksDir: path.join(dir, text("stackConfigDir") ?? "."),
      };
    }
    if (path.dirname(dir) === dir) {
      throw unusable("there is no Pulumi.yaml here or above", [
        {
          where: from,
          what: "is not in a Pulumi project",
          fix: "change to the project's folder, or name it with -C DIR",
        },
      ]);
    }
  }
}

export const stackFile = (project: Project, stack: string): string =>
  path.join(project.stacksDir, `Pulumi.${stack}.yaml`);

/** Reads and validates every stack of an environment. @throws HitlessError with all problems of the first bad file */
export function readEnvironmentFiles(project: Project, environment: string): EnvironmentFiles {
  const read = (suffix: string): StackFile | undefined => {
    const stack = `${environment}-${suffix}`;
    const file = stackFile(project, stack);
    return fs.existsSync(file) ? { stack, file, config: readConfig(project, file) } : undefined;
  };
  const traffic = read("traffic") as StackFile<TrafficConfig> | undefined;
  if (!traffic) {
    throw unusable(`there is no environment ${environment}`, [
      {
        where: path.relative(process.cwd(), stackFile(project, `${environment}-traffic`)),
        what: "does not exist",
        allowed: environments(project).join(", ") || "(the project has no environments yet)",
        fix: "name one of these, or add the stacks' files (docs/config.md)",
      },
    ]);
  }
  const slots: EnvironmentFiles["slots"] = {};
  for (const slot of SLOTS) {
    const found = read(slot) as StackFile<SlotConfig> | undefined;
    if (found) slots[slot] = found;
  }
  return { environment, platform: read("platform"), slots, traffic };
}

function environments(project: Project): string[] {
  if (!fs.existsSync(project.stacksDir)) return [];
  return fs
    .readdirSync(project.stacksDir)
    .flatMap((file) => /^Pulumi\.(.+)-traffic\.yaml$/.exec(file)?.[1] ?? [])
    .sort();
}

/** A stack file's settings, validated as the program will. Values that are secret stay as they are: encrypted. */
export function readConfig(project: Project, file: string): StackConfig {
  const settings = rawSettings(project, file);
  const asText = Object.entries(settings).map(([key, value]) => [
    key,
    typeof value === "string" ? value : JSON.stringify(value),
  ]);
  return parseStackConfig(
    Object.fromEntries(asText) as Record<string, string>,
    path.relative(project.dir, file),
  );
}

/** This project's settings in a stack file, by their names. What is no list or object stays the text that it is. */
export function rawSettings(project: Project, file: string): Record<string, unknown> {
  const document = readYaml(file, path.relative(project.dir, file));
  const config = isMap(document.contents) ? document.get("config") : undefined;
  if (!isMap(config)) return {};
  const prefix = `${project.name}:`;
  return Object.fromEntries(
    config.items.flatMap(({ key, value }) => {
      const name = String(key);
      return name.startsWith(prefix) ? [[name.slice(prefix.length), settingOf(value, document)]] : [];
    }),
  );
}

/** As the engine reads it: `version: 1.10` is the text 1.10, not the number 1.1. */
function settingOf(value: unknown, document: Document): unknown {
  if (isScalar(value)) return value.value === null ? "" : (value.source ?? JSON.stringify(value.value));
  return isNode(value) ? value.toJS(document) : value;
}

function readYaml(file: string, called: string): Document {
  const document: Document = parseDocument(fs.readFileSync(file, "utf8"));
  if (document.errors.length === 0) return document;
  throw unusable(
    `${called} is not YAML`,
    document.errors.map((error) => ({ what: error.message })),
  );
}

/** Changes settings in a stack file, leaving its comments and everything else as they are. Written whole or not at all. */
export function editConfig(project: Project, file: string, changes: Record<string, unknown>): void {
  const document = readYaml(file, path.relative(project.dir, file));
  for (const [key, value] of Object.entries(changes)) {
    const at = ["config", `${project.name}:${key}`];
    const before = document.getIn(at, true);
    const after = document.createNode(value, { flow: Array.isArray(value) });
    if (isNode(before)) Object.assign(after, pick(before, ["comment", "commentBefore", "spaceBefore"]));
    document.setIn(at, after);
  }
  writeWhole(file, document.toString({ lineWidth: 0 }));
}

const pick = (node: object, keys: string[]): object =>
  Object.fromEntries(
    Object.entries(node).filter(([key, value]) => keys.includes(key) && value !== undefined),
  );

/** Puts the file in place whole, so that a reader never sees half of it. */
export function writeWhole(file: string, text: string): void {
  const aside = `${file}.${process.pid}.tmp`;
  fs.writeFileSync(aside, text);
  fs.renameSync(aside, file);
}
