/// <reference types="node" />
import { execFileSync, spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { nginxConf, type NginxConfProps } from "./nginx-conf.ts";
import { defaultRoots, routesOf } from "./routes.ts";

const props: NginxConfProps = {
  routes: routesOf(defaultRoots),
  upstreams: { api: "127.0.0.1:24817", content: "127.0.0.1:24816" },
  maxBodySize: "0",
  readTimeoutSeconds: 120,
  home: "/pulp/api/v3/status/",
  ipv6: false,
};

const hasNginx = spawnSync("nginx", ["-v"]).status === 0;

describe("nginxConf()", () => {
  test("sends content paths to content, and every other to the api", () => {
    const conf = nginxConf(props);
    expect(conf).toContain("location /pulp/content/ { proxy_pass http://content; }");
    expect(conf).toContain("location / { proxy_pass http://api; }");
  });

  test("drops what only a trusted proxy may say about the client", () => {
    expect(nginxConf(props)).toContain('proxy_set_header X-CLIENT-CERT "";');
  });

  test.skipIf(!hasNginx).each([
    ["plain", (): NginxConfProps => props],
    [
      "with IPv6 and limits",
      (): NginxConfProps => ({ ...props, ipv6: true, maxBodySize: "10g", readTimeoutSeconds: 600 }),
    ],
  ])("is accepted by nginx: %s", (_, make) => {
    expect(accepted(make())).toContain("test is successful");
  });

  test.skipIf(!hasNginx)("is accepted by nginx: with TLS", () => {
    const folder = mkdtempSync(join(tmpdir(), "tls-"));
    try {
      const tls = { certificate: join(folder, "tls.crt"), key: join(folder, "tls.key") };
      const made = [
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-subj",
        "/CN=pulp",
        "-keyout",
        tls.key,
        "-out",
        tls.certificate,
      ];
      execFileSync("openssl", made, { stdio: "ignore" });
      expect(accepted({ ...props, tls })).toContain("test is successful");
    } finally {
      rmSync(folder, { recursive: true, force: true });
    }
  });
});

function accepted(of: NginxConfProps): string {
  const folder = mkdtempSync(join(tmpdir(), "nginx-"));
  try {
    const file = join(folder, "nginx.conf");
    // A test's standard output may be a socket, which cannot be opened by name.
    writeFileSync(file, nginxConf(of).replace("/dev/stdout", join(folder, "access.log")));
    return spawnSync("nginx", ["-t", "-c", file, "-e", "stderr"], { encoding: "utf8" }).stderr;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
