import { SETTINGS_SCHEMA, GRACE_SCHEMA } from "./config";
import { POLICIES } from "./pack";
import { RULES } from "./rules";

/** docs/policies.md, from the rules' own metadata. `node tools/run.js policies/write-docs.ts` writes it. */
export function policiesPage(): string {
  return `${[
    "<!-- Generated from policies/ by `node tools/run.js policies/write-docs.ts`; edit it there. -->",
    "# Policies",
    INTRODUCTION,
    table(
      ["rule", "what must hold"],
      RULES.map(({ id, title }) => [`[\`${id}\`](#${id})`, title]),
    ),
    ...RULES.map((rule) =>
      [
        `## ${rule.id}`,
        `${rule.title}.`,
        rule.why,
        `**Passes** when ${rule.passes}.`,
        `**Reads** ${rule.reads.map((field) => `\`${field}\``).join(", ")}.`,
      ].join("\n\n"),
    ),
    "## When a rule cannot tell",
    CANNOT_TELL,
    "## Environments",
    IN_ENVIRONMENTS,
    "## Config",
    CONFIG,
    table(
      ["policy", "key", "type", "meaning"],
      [
        ...options("settings", SETTINGS_SCHEMA.properties),
        ...options("grace-period", GRACE_SCHEMA.properties),
      ],
    ),
    "Besides the rules the pack holds:",
    table(
      ["policy", "what it is for"],
      POLICIES.map(({ id, title, does }) => [`<a id="${id}"></a>\`${id}\``, `${title}. ${does}`]),
    ),
  ].join("\n\n")}\n`;
}

const INTRODUCTION = `The pack refuses, before anything is applied, what would drop requests during an update:

\`\`\`
pulumi preview --policy-pack policies
pulumi up --policy-pack policies
\`\`\`

It needs no other set-up. Each rule is a Pulumi _resource policy_, so that it acts before the object is sent, on
\`pulumi up --skip-preview\` too: the engine stops, and the offending object stays as it was. Every rule is mandatory
unless config says otherwise. The rules look at every Kubernetes \`Deployment\` of the stack; other kinds of
workload are not checked yet.`;

const CANNOT_TELL = `- **Not determinable.** A value that is not known in preview (the output of another resource), or a time that no
  manifest says, is reported by the policy \`not-determinable\`: advisory by default, mandatory where you set it so. It is
  never taken for a pass. Only the rule that needs the value is affected, and what is wrong beside it is still reported.
  The update judges again, with the value known.
- **Could not be read.** A field of the wrong type is a violation of each rule that needs it.
- **Times** come from annotations, on the object or on its pod template: \`hitless.dev/shutdown\` (the app's own
  shutdown after SIGTERM) and \`hitless.dev/pre-stop\` (the time of an \`exec\` or HTTP preStop hook). Our components
  write the first.

Messages name objects, containers, labels and times; never a value of the environment, or any other that may be a secret.`;

const IN_ENVIRONMENTS = `An object belongs to the environment in its label \`hitless.dev/environment\`. Without the label it counts as
production, and a stack named after a production environment (\`prod\`, \`prod-blue\`) stays production whatever its
objects say.

A Pulumi policy has one level for all objects. To make rules advisory in one environment only, list it under \`environments\`
of \`settings\`: the rule itself then stays silent about objects of that environment, and \`advice\`, an
advisory policy, reports their violations under the rule's name. An object whose environment cannot be read is judged
as mandatory.`;

const CONFIG = `\`pulumi up --policy-pack policies --policy-pack-config FILE\`, where FILE sets the level of a rule, or its
options:

\`\`\`json
{
  "settings": {
    "production": ["prod", "live"],
    "environments": { "sandbox": "advisory", "dev": { "pre-stop": "disabled" } }
  },
  "grace-period": { "margin": "10s", "shutdown": "15s" },
  "liveness-probe": "advisory",
  "not-determinable": "mandatory"
}
\`\`\``;

interface Option {
  type: string;
  description: string;
}

const options = (policy: string, properties: Record<string, Option>): string[][] =>
  Object.entries(properties).map(([key, { type, description }]) => [
    `\`${policy}\``,
    `\`${key}\``,
    type,
    description,
  ]);

/** Columns padded as prettier pads them, so that the page is formatted like everything else. */
function table(head: string[], rows: string[][]): string {
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((cells) => cells[column]?.length ?? 0)),
  );
  const line = (cells: string[], fill: string) =>
    `| ${widths.map((width, column) => (cells[column] ?? "").padEnd(width, fill)).join(" | ")} |`;
  return [line(head, " "), line([], "-"), ...rows.map((cells) => line(cells, " "))].join("\n");
}
