/** Everything that can stand in front of a pod and learn late that it is going away. */
export interface Router {
  /** Seconds from a pod's deletion until the last newly routed request reaches it. */
  propagation: number;
  /** Where the figure comes from. */
  source: string;
}

/**
 * Propagation times P to plan with. Judgement built on users' reports, not on measurements of ours: where your own
 * was measured, override it.
 */
export const ROUTERS = {
  "kube-proxy": {
    propagation: 10,
    source:
      "scylla-operator#1780: 74.6 % of 1,430 under 2.3 s, 3.9 % at 6.8-9.1 s on an overloaded cluster; kube-proxy syncs at most once a second",
  },
  "kube-proxy-gke": {
    propagation: 25,
    source: "scylla-operator#1780: up to 20-23 s; GKE syncs iptables every 10 s",
  },
  cilium: { propagation: 3, source: "scylla-operator#1780: 94.3 % under 0.09 s" },
  "ingress-nginx": {
    propagation: 10,
    source: "ingress-nginx: at most 0.3 syncs a second, and its Lua poll of 1 s",
  },
  istio: { propagation: 15, source: "istio: debounce 100 ms, at most 10 s" },
  traefik: { propagation: 10, source: "traefik: providers are throttled to one reload in 2 s" },
  "alb-ip": {
    propagation: 60,
    source: "aws-load-balancer-controller#2366, #905, #1064: new requests until 17-25 s after draining began",
  },
  "alb-instance": {
    propagation: 70,
    source: "aws-load-balancer-controller#2106: at 40 s rare 502s, at 70 s none",
  },
  nlb: {
    propagation: 300,
    source: "aws-load-balancer-controller#1834: 180-300 s to deregister; never under 120 s (#2366)",
  },
} as const satisfies Record<string, Router>;

export type RouterName = keyof typeof ROUTERS;
export const ROUTER_NAMES = Object.keys(ROUTERS) as RouterName[];
