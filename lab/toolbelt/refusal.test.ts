import assert from "node:assert/strict";
import { refusalsOf, withoutHosts } from "./refusal";

const downloading = "go: downloading example.com/some/dep v1.2.3\n";

describe("what Go says about a download that failed", () => {
  const final = [
    [
      "a refusal names the module and the version, and is final",
      "main.go:2:8: example.com/some/dep@v1.2.3: reading http://proxy.internal:8080/403/example.com/some/dep/@v/v1.2.3.zip: 403 Forbidden",
      { module: "example.com/some/dep@v1.2.3", reason: "the registry answered 403 Forbidden", again: false },
    ],
    [
      "a version nobody has is final",
      "go: github.com/a/b/v3@v3.404.0: reading https://proxy.internal/github.com/a/b/v3/@v/v3.404.0.mod: 404 Not Found",
      { module: "github.com/a/b/v3@v3.404.0", reason: "the registry answered 404 Not Found", again: false },
    ],
    [
      "content that differs from the committed sum is final",
      "verifying example.com/some/dep@v1.2.3/go.mod: checksum mismatch",
      { module: "example.com/some/dep@v1.2.3", reason: "checksum mismatch", again: false },
    ],
    [
      "an overloaded registry is asked again",
      "example.com/some/dep@v1.2.3: reading http://proxy.internal/example.com/some/dep/@v/v1.2.3.zip: 503 Service Unavailable",
      {
        module: "example.com/some/dep@v1.2.3",
        reason: "the registry answered 503 Service Unavailable",
        again: true,
      },
    ],
    [
      "a connection that breaks is tried again",
      'example.com/some/dep@v1.2.3: Get "http://proxy.internal/example.com/some/dep/@v/v1.2.3.zip": EOF',
      { module: "example.com/some/dep@v1.2.3", reason: "EOF", again: true },
    ],
  ] as const;
  for (const [claim, line, expected] of final) {
    it(claim, () => assert.deepEqual(refusalsOf(downloading + line), [expected]));
  }

  it("each module is named once, those that stay refused first", () => {
    const text = [
      'x.org/a@v1.0.0: Get "https://proxy.internal/x.org/a/@v/v1.0.0.zip": dial tcp: i/o timeout',
      "x.org/b@v2.0.0: reading https://proxy.internal/x.org/b/@v/v2.0.0.zip: 403 Forbidden",
      "main.go:3:2: x.org/b@v2.0.0: reading https://proxy.internal/x.org/b/@v/v2.0.0.zip: 403 Forbidden",
    ].join("\n");
    assert.deepEqual(
      refusalsOf(text).map((it) => [it.module, it.again]),
      [
        ["x.org/b@v2.0.0", false],
        ["x.org/a@v1.0.0", true],
      ],
    );
  });

  it("a lookup that is switched off is final", () => {
    const [first] = refusalsOf("main.go:2:8: module lookup disabled by GOPROXY=off");
    assert.equal(first?.again, false);
  });

  it("a compile error is no refusal", () => {
    assert.deepEqual(refusalsOf("# example.com/x\nmain.go:4:2: undefined: foo"), []);
  });

  it("a Go that is too old is no refusal", () => {
    assert.deepEqual(refusalsOf("go: go.mod requires go >= 1.99 (running go 1.26.8; GOTOOLCHAIN=local)"), []);
  });

  it("no host or address of a registry is repeated", () => {
    const lines = [
      'Get "https://user:secret@proxy.internal:8443/x": dial tcp: lookup proxy.internal on 10.0.0.53:53: no such host',
      'Get "http://10.1.2.3:8080/x": dial tcp 10.1.2.3:8080: connect: connection refused',
      "reading https://proxy.internal/x: 403 Forbidden\n\tserver response: see https://proxy.internal/why",
    ];
    for (const line of lines) assert.doesNotMatch(withoutHosts(line), /proxy\.internal|10\.\d|secret/);
  });
});
