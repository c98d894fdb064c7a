import { ANNOTATION, LABEL } from "../components/names";
import { Field } from "./field";

/** Kubernetes' own value where the manifest says nothing. */
export const DEFAULT_GRACE_SECONDS = 30;
export const DEFAULT_ROLLING_SHARE = "25%";

/** The app's preStop time where Kubernetes has no field for it (an exec or HTTP hook). */
export const PRE_STOP_ANNOTATION = "hitless.dev/pre-stop";

/** Where a workload comes from, as far as it is known without reading the manifest. */
export interface Origin {
  kind: string;
  /** The name to call it when the manifest has none that is known yet. */
  name: string;
  /** The Pulumi stack, where there is one. */
  stack?: string;
  /** Made by one of our own components. */
  ours?: boolean;
}

/** A container of the pod template. */
export interface Container {
  /** Its name, or its place when it has none. */
  name: string;
  field: Field;
}

/**
 * A workload as the rules see it: the parts of a manifest they read, read when they ask. Every reading may throw
 * `UnreadableField` or `UnknownField`; `attempt` (rule.ts) turns those into results.
 */
export class Workload {
  private readonly manifest: Field;

  constructor(
    readonly origin: Origin,
    manifest: unknown,
  ) {
    this.manifest = new Field(manifest, "");
  }

  /** What to call it in a message: `Deployment shop-dev/shop-green`. Never fails. */
  get title(): string {
    const metadata = (key: string): string | undefined => {
      try {
        return this.manifest.at("metadata").at(key).text();
      } catch {
        return undefined;
      }
    };
    const namespace = metadata("namespace");
    return `${this.origin.kind} ${namespace ? `${namespace}/` : ""}${metadata("name") ?? this.origin.name}`;
  }

  get spec(): Field {
    return this.manifest.at("spec");
  }

  get template(): Field {
    return this.spec.at("template");
  }

  label(key: string): string | undefined {
    return this.manifest.at("metadata").at("labels").at(key).text();
  }

  templateLabel(key: string): Field {
    return this.template.at("metadata").at("labels").at(key);
  }

  /** An annotation of the object or, where that has none, of its pod template. */
  annotation(key: string): Field {
    const own = this.manifest.at("metadata").at("annotations").at(key);
    return own.missing ? this.template.at("metadata").at("annotations").at(key) : own;
  }

  /** The value that the selector demands of a label: from matchLabels, or an `In` with one value. */
  selected(key: string): string | undefined {
    const selector = this.spec.at("selector");
    const exact = selector.at("matchLabels").at(key).text();
    if (exact !== undefined) return exact;
    for (const expression of selector.at("matchExpressions").list() ?? []) {
      if (expression.at("key").text() !== key || expression.at("operator").text() !== "In") continue;
      const values = expression.at("values").list() ?? [];
      if (values.length === 1) return values[0]?.text();
    }
    return undefined;
  }

  /** The pod template's containers. A template without any cannot be judged. */
  containers(): Container[] {
    const field = this.template.at("spec").at("containers");
    const containers = field.list();
    if (!containers?.length) throw field.unreadable("a list of at least one container");
    return containers.map((container, index) => ({
      name: nameOf(container) ?? `#${index + 1}`,
      field: container,
    }));
  }

  /** How pods are replaced. */
  strategy(): "RollingUpdate" | "Recreate" {
    const field = this.spec.at("strategy").at("type");
    const type = field.text() ?? "RollingUpdate";
    if (type !== "RollingUpdate" && type !== "Recreate") throw field.unreadable("RollingUpdate or Recreate");
    return type;
  }

  /** terminationGracePeriodSeconds, or Kubernetes' default. */
  grace(): { seconds: number; given: boolean } {
    const seconds = this.template.at("spec").at("terminationGracePeriodSeconds").count();
    return { seconds: seconds ?? DEFAULT_GRACE_SECONDS, given: seconds !== undefined };
  }

  /** The environment that the object says it belongs to. */
  environment(): string | undefined {
    return this.label(LABEL.environment);
  }

  /** Whether it has anything to do with slots, by its own words or by who made it. */
  inSlots(): boolean {
    return (
      this.origin.ours === true ||
      [LABEL.slot, LABEL.environment].some(
        (key) =>
          this.label(key) !== undefined ||
          !this.templateLabel(key).missing ||
          this.selected(key) !== undefined,
      ) ||
      !this.annotation(ANNOTATION.revision).missing
    );
  }
}

function nameOf(container: Field): string | undefined {
  try {
    return container.at("name").text();
  } catch {
    return undefined;
  }
}
