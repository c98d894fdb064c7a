import * as k8s from "@pulumi/kubernetes";
import * as pulumi from "@pulumi/pulumi";
import {
  ANNOTATION,
  type AppEnvironment,
  environmentLabels,
  formatPins,
  type Pins,
  type Slot,
  slotLabels,
} from "../names";

export interface SelectorTrafficArgs extends AppEnvironment {
  /** The slots that get traffic: one, or both while traffic moves. */
  live: Slot[];
  pins: Pins;
  generation: number;
  capacity: number;
  service: {
    type: "ClusterIP" | "NodePort" | "LoadBalancer";
    port: number;
    targetPort: string;
    nodePort?: number | undefined;
    annotations: Record<string, string>;
  };
}

/** The labels that reach exactly the slots in `live`: both slots share all but the slot's own. */
export const selectorFor = (at: AppEnvironment, live: Slot[]): Record<string, string> =>
  live.length === 1 ? slotLabels(at, live[0] as Slot) : environmentLabels(at);

/**
 * Traffic by Service selector: the phases are blue, blue+green, green. There are no weights in between; a plane
 * with weights (Ingress, Gateway API, Istio) takes this one's place where they are needed.
 *
 * Whether a change is safe is decided before this is constructed (see trafficProblems).
 */
export class SelectorTraffic extends pulumi.ComponentResource {
  readonly service: k8s.core.v1.Service;

  constructor(name: string, args: SelectorTrafficArgs, options?: pulumi.ComponentResourceOptions) {
    super("hitless:components:SelectorTraffic", name, {}, options);
    const { service, namespace, app } = args;
    this.service = new k8s.core.v1.Service(
      name,
      {
        metadata: {
          name: app,
          namespace,
          labels: environmentLabels(args),
          annotations: {
            ...service.annotations,
            // Ready endpoints are proven before and read back after; the provider's own wait adds seconds, not proof.
            "pulumi.com/skipAwait": "true",
            [ANNOTATION.generation]: String(args.generation),
            [ANNOTATION.pins]: formatPins(args.pins),
            [ANNOTATION.capacity]: String(args.capacity),
          },
        },
        spec: {
          type: service.type,
          selector: selectorFor(args, args.live),
          ports: [
            {
              name: "main",
              port: service.port,
              targetPort: service.targetPort,
              ...(service.nodePort ? { nodePort: service.nodePort } : {}),
            },
          ],
        },
      },
      { parent: this, protect: true },
    );
    this.registerOutputs({ service: this.service.metadata.name });
  }
}
