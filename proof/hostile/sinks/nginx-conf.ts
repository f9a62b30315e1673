/** nginx.conf: paths that settings may move, and the size of a body. nginx reads all that was accepted in one file. */
import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileOf, pulpOf } from "../products.ts";
import type { Single } from "../sink.ts";

interface NginxSinkProps {
  readonly field: string;
  readonly spec: (value: string) => Readonly<Record<string, unknown>>;
  readonly isValid: (value: string) => boolean;
  /** The one line of the file that holds the value. */
  readonly line: RegExp;
}

function nginxSink({ field, spec, isValid, line }: NginxSinkProps): Single {
  return {
    name: `nginx.conf: ${field}`,
    isSecret: false,
    programs: ["nginx"],
    fieldOf: () => `spec.${field}`,
    unfit: (value) => (isValid(value) ? undefined : "nginx or a path could take it for something else"),
    render: async (value) => fileOf(await pulpOf(spec(value)), "pulp-web", "nginx.conf"),
    judge: async (rendered) => {
      const texts = rendered.map(([id, text]) => [id, String(text)] as const);
      refuseIfNginxDoes(texts.map(([, text]) => text));
      return new Map(texts.map(([id, text]) => [id, line.exec(text)?.[1] ?? "not in the file"]));
    },
  };
}

/** @throws Error with what nginx says */
function refuseIfNginxDoes(texts: readonly string[]): void {
  const folder = mkdtempSync(join(tmpdir(), "nginx-"));
  try {
    // Each file's server block, with names of its own for what it refers to.
    const servers = texts.map((text, index) => {
      const block = text.slice(text.indexOf("  upstream api"), text.lastIndexOf("}"));
      return block
        .replaceAll(/upstream (api|content) \{ server [^;]+;/g, `upstream $1${index} { server 127.0.0.1:1;`)
        .replaceAll(/proxy_pass http:\/\/(api|content);/g, `proxy_pass http://$1${index};`)
        .replaceAll(/listen (\d+);/g, `listen 127.0.0.1:${20_000 + index};`);
    });
    const map = 'map $http_x_forwarded_proto $client_scheme { default $http_x_forwarded_proto; "" $scheme; }';
    const conf = join(folder, "nginx.conf");
    // Folders that whoever runs the test may write to.
    const temporary = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (kind) => `${kind}_temp_path ${folder}/${kind};`,
    );
    const head = `error_log stderr info; pid ${folder}/pid; events {} http { access_log off; ${temporary.join(" ")} ${map}`;
    writeFileSync(conf, `${head}\n${servers.join("\n")}\n}\n`);
    const { stderr, status } = spawnSync("nginx", ["-t", "-c", conf, "-e", "stderr"], { encoding: "utf8" });
    if (status !== 0) throw new Error(`nginx refused what was accepted: ${stderr.slice(-1000)}`);
  } finally {
    rmSync(folder, { recursive: true });
  }
}

const isPath = (value: string): boolean => /^\/([A-Za-z0-9._~-]+\/)*$/.test(value);

export const apiRoot = nginxSink({
  field: "settings.API_ROOT",
  spec: (value) => ({ settings: { API_ROOT: value } }),
  isValid: isPath,
  line: /location = \/ \{ return 302 (.*)api\/v3\/status\/; \}/,
});

export const contentPath = nginxSink({
  field: "settings.CONTENT_PATH_PREFIX",
  spec: (value) => ({ settings: { CONTENT_PATH_PREFIX: value } }),
  // The root is the api's.
  isValid: (value) => isPath(value) && value !== "/",
  line: /location ((?!\/pulp\/container\/).*) \{ proxy_pass http:\/\/content; \}/,
});

export const bodySize = nginxSink({
  field: "web.maxBodySize",
  spec: (value) => ({ web: { maxBodySize: value } }),
  isValid: (value) => /^[0-9]{1,9}[kmgKMG]?$/.test(value),
  line: /client_max_body_size (.*);/,
});
