import { DurationError, seconds } from "../components/drain/duration";

/** Stands for a value that only the update itself will know (an output of another resource, in preview). */
export const UNKNOWN: unique symbol = Symbol("not known in preview");

/** A field that holds something else than its schema says. Its value is never shown: it may be a secret. */
export class UnreadableField extends Error {
  constructor(
    readonly path: string,
    readonly found: string,
    readonly wanted: string,
  ) {
    super(`${path} is ${found}, not ${wanted}`);
    this.name = "UnreadableField";
  }
}

/** A field whose value is not known yet. */
export class UnknownField extends Error {
  constructor(readonly path: string) {
    super(`${path} is not known in preview`);
    this.name = "UnknownField";
  }
}

/** What a value is, in words, without the value. */
function describe(value: unknown): string {
  if (value === null || value === undefined) return "missing";
  if (Array.isArray(value)) return "a list";
  if (typeof value === "object") return "an object";
  return `a ${typeof value}`;
}

/**
 * One place in a manifest that nobody has validated. Every read says what it expects and throws `UnreadableField`
 * or `UnknownField` otherwise; `null` counts as missing, as it does for Kubernetes.
 */
export class Field {
  constructor(
    private readonly value: unknown,
    readonly path: string,
  ) {}

  /** The field below, missing when this one is. */
  at(key: string): Field {
    const below =
      this.path === "" ? key : /^\w+$/.test(key) ? `${this.path}.${key}` : `${this.path}["${key}"]`;
    const object = this.object();
    return new Field(object && Object.hasOwn(object, key) ? object[key] : undefined, below);
  }

  get missing(): boolean {
    const value = this.known();
    return value === undefined || value === null;
  }

  get isObject(): boolean {
    return typeof this.known() === "object" && this.value !== null && !Array.isArray(this.value);
  }

  object(): Record<string, unknown> | undefined {
    if (this.missing) return undefined;
    if (!this.isObject) throw this.unreadable("an object");
    return this.value as Record<string, unknown>;
  }

  list(): Field[] | undefined {
    if (this.missing) return undefined;
    if (!Array.isArray(this.value)) throw this.unreadable("a list");
    return this.value.map((entry, index) => new Field(entry, `${this.path}[${index}]`));
  }

  text(): string | undefined {
    if (this.missing) return undefined;
    if (typeof this.value !== "string") throw this.unreadable("a text");
    return this.value;
  }

  /** A whole number, zero or more: every number that the rules read is a count or a time. */
  count(): number | undefined {
    if (this.missing) return undefined;
    if (typeof this.value !== "number") throw this.unreadable("a number");
    if (!Number.isSafeInteger(this.value) || this.value < 0)
      throw this.unreadable("a whole number, zero or more");
    return this.value;
  }

  /** What Kubernetes calls IntOrString: a number of pods, or a percentage of the replicas such as "25%". */
  countOrShare(): number | string | undefined {
    if (this.missing || typeof this.value === "number") return this.count();
    if (typeof this.value !== "string" || !/^\d+%$/.test(this.value)) {
      throw this.unreadable('a number or a percentage such as "25%"');
    }
    return this.value;
  }

  /** Seconds. Shows the value when it is none: only for fields that cannot hold anything but a time. */
  seconds(): number | undefined {
    const text = this.text();
    if (text === undefined) return undefined;
    try {
      return seconds(text);
    } catch (error) {
      if (!(error instanceof DurationError)) throw error;
      throw new UnreadableField(this.path, JSON.stringify(text.slice(0, 20)), 'a duration such as "30s"');
    }
  }

  unreadable(wanted: string): UnreadableField {
    return new UnreadableField(this.path, describe(this.value), wanted);
  }

  private known(): unknown {
    if (this.value === UNKNOWN) throw new UnknownField(this.path);
    return this.value;
  }
}
