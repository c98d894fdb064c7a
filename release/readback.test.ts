import assert from "node:assert/strict";
import { parseProxyMetrics } from "./readback";

const NAME = "kubeproxy_sync_proxy_rules";
const metrics = (...lines: string[]) =>
  ["# HELP some text", ...lines.map((line) => `${NAME}_${line}`), ""].join("\n");

describe("kube-proxy's own word", () => {
  it("is nothing where it says nothing of its rules", () => {
    assert.equal(parseProxyMetrics(""), undefined);
    assert.equal(parseProxyMetrics("<html>404</html>"), undefined);
    assert.equal(parseProxyMetrics(metrics("endpoint_changes_pending 0")), undefined);
  });

  it("is that all is written when the last write came after the last request for one", () =>
    assert.deepEqual(
      parseProxyMetrics(
        metrics(
          "endpoint_changes_pending 0",
          "service_changes_pending 0",
          "last_queued_timestamp_seconds 1.7e+09",
          "last_timestamp_seconds 1.700000001e+09",
        ),
      ),
      { pending: 0, queued: 1.7e9, written: true },
    ));

  it("is that something waits while changes are pending, of either kind", () => {
    const pending = (endpoints: number, services: number) =>
      parseProxyMetrics(
        metrics(
          `endpoint_changes_pending ${endpoints}`,
          `service_changes_pending ${services}`,
          "last_timestamp_seconds 5",
        ),
      )?.pending;
    assert.equal(pending(2, 3), 5);
    assert.equal(pending(0, 1), 1);
  });

  it("is that not all is written where a write is asked for and has not come", () =>
    assert.equal(
      parseProxyMetrics(metrics("last_queued_timestamp_seconds 9", "last_timestamp_seconds 8"))?.written,
      false,
    ));

  it("is that not all is written while one IP family lags behind another", () => {
    const families = (synced6: number) =>
      parseProxyMetrics(
        metrics(
          'last_queued_timestamp_seconds{ip_family="IPv4"} 7',
          'last_queued_timestamp_seconds{ip_family="IPv6"} 8',
          'last_timestamp_seconds{ip_family="IPv4"} 9',
          `last_timestamp_seconds{ip_family="IPv6"} ${synced6}`,
        ),
      );
    assert.deepEqual(families(6), { pending: 0, queued: 8, written: false });
    assert.deepEqual(families(8), { pending: 0, queued: 8, written: true });
  });

  it("does not mix up names that begin alike", () =>
    assert.equal(
      parseProxyMetrics(metrics("last_timestamp_seconds 5", "last_timestamp_seconds_bucket 9"))?.written,
      true,
    ));
});
