import { z } from "zod";
import { platformSchema, slotSchema, trafficSchema } from "./schema";

/** The parts of a JSON schema that the page shows. */
interface Setting {
  title?: string;
  description?: string;
  type?: string;
  const?: unknown;
  enum?: unknown[];
  default?: unknown;
  properties?: Record<string, Setting>;
  required?: string[];
  additionalProperties?: Setting | boolean;
  propertyNames?: Setting;
  items?: Setting;
  anyOf?: Setting[];
}

const ROLES = [
  ["platform", "What slots stand on. Its stack is `ENV-platform`.", platformSchema],
  ["slot", "One whole copy of the application. Its stack is `ENV-blue` or `ENV-green`.", slotSchema],
  ["traffic", "Which slot gets traffic, at which revision. Its stack is `ENV-traffic`.", trafficSchema],
] as const;

/** docs/config.md, from the schemas themselves. `node tools/run.js infra/write-docs.ts` writes it. */
export function configPage(): string {
  return `${[
    "<!-- Generated from infra/ by `node tools/run.js infra/write-docs.ts`; edit it there. -->",
    "# Settings of a stack",
    INTRODUCTION,
    ...ROLES.flatMap(([name, what, schema]) => [
      `## ${name}`,
      what,
      table(rows(z.toJSONSchema(schema, { io: "input" }) as Setting)),
    ]),
    "## Secrets",
    SECRETS,
    "## Kinds of value",
    KINDS,
    "## What is refused beyond a setting's kind",
    REFUSED,
  ].join("\n\n")}\n`;
}

const INTRODUCTION = `Each stack has one file, \`stacks/Pulumi.STACK.yaml\`, whose \`hitless:\` settings say what it is. The \`role\` comes
first: \`platform\`, \`slot\` or \`traffic\`. A stack's config is checked before anything is read or registered; all that is
wrong is said at once, with the file, the key, the value and what is allowed. A setting that is not on this page is
refused.

\`\`\`yaml
config:
  hitless:role: slot
  hitless:environment: dev
  hitless:app: shop
  hitless:namespace: shop-dev
  hitless:slot: blue
  hitless:version: v1
  hitless:workload:
    image: node:20-bookworm-slim
    command: [node, /app/shop.js]
    files: { /app/shop.js: examples/shop/dist/shop.js }
    ports: { http: 8080 }
    replicas: 2
    probes:
      readiness: { path: /readyz, period: 1s }
      liveness: { path: /livez, period: 5s }
    drain: { longestRequest: 5s }
\`\`\`

A default in the tables is what an absent setting means; _required_ ones have none.`;

const SECRETS = `\`secrets\` of a slot is the one setting that is stored encrypted: environment variables by name.

\`\`\`
pulumi config set --secret --path 'hitless:secrets.DATABASE_PASSWORD' VALUE --stack dev-blue
\`\`\`

They reach the pods through a Kubernetes Secret, and no message shows them. Any other setting that is stored as a secret
is refused: its value would be written into objects in the clear. Values of \`env\`, \`command\` and \`args\` are never shown
in messages either.`;

const KINDS = `- **A duration** is one or more numbers with units \`ms\`, \`s\`, \`m\`, \`h\`: \`500ms\`, \`30s\`, \`1m30s\`; at most 24 hours.
  Kubernetes takes whole seconds for some; those are rounded up, so that nothing is shorter than was said.
- **A name** starts with a letter and is lower-case letters, digits and \`-\`, at most 42 characters; the name of a port at most 15.
- **A version** is letters, digits, \`.\`, \`_\` and \`-\`, at most 32 characters. Quote it where it looks like a number.
- **A path from the project's folder** starts where \`Pulumi.yaml\` is.`;

const REFUSED = `Preview already refuses what would endanger traffic, by the cluster as it is:

- **slot**: another revision or other secrets for the slot that is live (with \`strategy: blue-green\`), \`Recreate\` or fewer
  replicas than traffic needs while it is live, and config with fewer \`renewals\` than are live.
- **traffic**: a slot that does not exist, that does not run its pinned revision, or that has fewer ready replicas than
  its share needs; a skipped phase (blue, blue+green, green); config older than what is live, or of the same
  \`generation\` with another content; and any change while somebody else's release runs.`;

/** One row a setting, those inside another right below it. */
function rows(schema: Setting, prefix = ""): string[][] {
  const required = schema.required ?? [];
  return Object.entries(schema.properties ?? {}).flatMap(([key, setting]) => {
    const path = `${prefix}${key}`;
    const inner = objectIn(setting);
    const isList = setting.type === "array";
    return [
      [
        `\`${path}\``,
        kind(setting),
        required.includes(key) ? "_required_" : byDefault(setting),
        setting.description ?? "",
      ],
      ...(inner ? rows(inner, `${path}${isList ? "[]" : ""}.`) : []),
    ];
  });
}

/** The settings that a setting holds: its own, those of a list's entries, or of the branch that has any. */
const objectIn = (setting: Setting): Setting | undefined =>
  [setting, setting.items, ...(setting.anyOf ?? [])].find(
    (one) => one?.properties && Object.keys(one.properties).length > 0,
  );

function byDefault({ default: value }: Setting): string {
  if (value === undefined) return "";
  // A section whose own settings have defaults.
  return value !== null && typeof value === "object" && Object.keys(value).length === 0
    ? ""
    : `\`${typeof value === "string" ? value : JSON.stringify(value)}\``;
}

function kind(setting: Setting): string {
  const { title, anyOf, items, additionalProperties, type } = setting;
  if (title) return title;
  if (setting.const !== undefined) return `\`${JSON.stringify(setting.const)}\``;
  if (setting.enum) return setting.enum.map((value) => `\`${String(value)}\``).join(", ");
  if (anyOf) return anyOf.map(kind).join(", or ");
  if (items) return `a list: ${kind(items)}`;
  if (additionalProperties && additionalProperties !== true) return `by name: ${kind(additionalProperties)}`;
  return type === "object" ? "settings" : type === "boolean" ? "`true`, `false`" : (type ?? "");
}

/** Columns padded as prettier pads them, so that the page is formatted like everything else. */
function table(lines: string[][]): string {
  const all = [["setting", "kind", "default", "meaning"], ...lines];
  const widths =
    all[0]?.map((_, column) => Math.max(...all.map((cells) => cells[column]?.length ?? 0))) ?? [];
  const line = (cells: string[], fill = " ") =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`;
  return [line(all[0] ?? []), line([], "-"), ...lines.map((cells) => line(cells))].join("\n");
}
