import * as pulumi from "@pulumi/pulumi";

/** One registration as the engine would have got it. */
export interface Registration {
  type: string;
  name: string;
  /** With secrets in the clear; `secretInputs` names the inputs that hold one. */
  inputs: Record<string, unknown>;
  secretInputs: string[];
  parent: string;
  protect: boolean;
  /** How long the engine waits for the resource. */
  timeouts: { create?: string; update?: string };
}

export interface Recording {
  all: Registration[];
  /** What the program threw. */
  error: unknown;
  /** The one registration of that type. Fails where there are more, or none. */
  registered: (this: void, type: string) => Registration;
}

/** The outputs that stacks have, by the stack's full name; for programs that read them. */
export type StackOutputs = Record<string, Record<string, unknown>>;

interface Request {
  getType(): string;
  getName(): string;
  getParent(): string;
  getProtect(): boolean;
  getObject(): { toJavaScript(): Record<string, unknown> };
  getCustomtimeouts(): { getCreate(): string; getUpdate(): string } | undefined;
}
interface Monitor {
  registerResource(request: Request, callback: unknown): Promise<void>;
}

/**
 * Runs a piece of a Pulumi program without an engine, and returns every registration once all are through.
 * Resources that are only read (other stacks) are not among them.
 */
export async function record(program: () => unknown, stacks: StackOutputs = {}): Promise<Recording> {
  const all: Registration[] = [];
  await pulumi.runtime.setMocks(
    {
      newResource: ({ type, name, inputs }) => {
        const state = inputs as Record<string, unknown>;
        const isStack = type === "pulumi:pulumi:StackReference";
        const outputs = isStack
          ? { outputs: stacks[String(state["name"])] ?? {}, secretOutputNames: [] }
          : {};
        return { id: `${name}-id`, state: { ...state, ...outputs } };
      },
      call: () => ({}),
    },
    "hitless",
    "dev-test",
    false,
    "organization",
  );
  // Mocks are not told the options of a resource; the requests behind them hold all.
  const monitor = pulumi.runtime.getMonitor() as unknown as Monitor;
  const register = monitor.registerResource.bind(monitor);
  monitor.registerResource = (request, callback) => {
    const sent = request.getObject().toJavaScript();
    const timeouts = request.getCustomtimeouts();
    all.push({
      type: request.getType(),
      name: request.getName(),
      inputs: inTheClear(sent) as Record<string, unknown>,
      secretInputs: Object.keys(sent).filter((key) => JSON.stringify(sent[key]).includes(SECRET)),
      parent: request.getParent().split("::").at(-1) ?? "",
      protect: request.getProtect(),
      timeouts: timeouts ? { create: timeouts.getCreate(), update: timeouts.getUpdate() } : {},
    });
    return register(request, callback);
  };
  let error: unknown;
  try {
    await program();
  } catch (refusal) {
    error = refusal;
  }
  await pulumi.runtime.disconnect();
  return {
    all,
    error,
    registered(type) {
      const found = all.filter((one) => one.type === type);
      if (found.length !== 1) throw new Error(`${found.length} registrations of ${type}`);
      return found[0] as Registration;
    },
  };
}

/** The engine's mark of a secret value on the wire. */
const SECRET = "1b47061264138c4ac30d75fd1eb44270";

function inTheClear(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(inTheClear);
  if (value === null || typeof value !== "object") return value;
  const entries = Object.entries(value);
  if (entries.some(([, mark]) => mark === SECRET)) return inTheClear((value as { value: unknown }).value);
  return Object.fromEntries(entries.map(([key, inner]) => [key, inTheClear(inner)]));
}
