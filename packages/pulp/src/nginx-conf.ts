/**
 * nginx.conf of the web component, made from the path table. Pure.
 *
 * Runs as any user on 8080 (8443 with TLS), writes only below /tmp, logs to standard output.
 */
import type { Backend, Route } from "./routes.ts";

export interface NginxConfProps {
  readonly routes: readonly Route[];
  /** Where the api and content Services answer: `pulp-api:24817`. */
  readonly upstreams: Readonly<Record<Backend, string>>;
  /** Largest request body: an nginx size such as `100m`; `0` is no limit. */
  readonly maxBodySize: string;
  /** Seconds that nginx waits for an answer; must be longer than gunicorn's own time limit. */
  readonly readTimeoutSeconds: number;
  /** Where TLS key and certificate are mounted; absent: plain HTTP. */
  readonly tls?: { readonly certificate: string; readonly key: string };
  /** Where a browser that asks for "/" is sent. */
  readonly home: string;
  /** Listen on `[::]` as well. Off where nodes have no IPv6 at all, since nginx then refuses to start. */
  readonly ipv6: boolean;
}

export const webPort = 8080;
export const webTlsPort = 8443;
/** Answered by nginx itself, so that a database outage does not make web pods unready. */
export const webHealthPath = "/-/nginx-health";

/** The whole file. @see nginx 1.26 reference, modules http_core, http_proxy, http_ssl */
export function nginxConf(props: NginxConfProps): string {
  return `${[
    "# Written by the operator. Changes are overwritten.",
    "worker_processes 2;",
    "error_log stderr info;",
    "pid /tmp/nginx.pid;",
    "events { worker_connections 1024; }",
    "http {",
    ...indent(httpBlock(props)),
    "}",
  ].join("\n")}\n`;
}

function httpBlock(props: NginxConfProps): readonly string[] {
  return [
    ...["client_body", "proxy", "fastcgi", "uwsgi", "scgi"].map(
      (kind) => `${kind}_temp_path /tmp/nginx-${kind};`,
    ),
    "default_type application/octet-stream;",
    "access_log /dev/stdout combined;",
    "server_tokens off;",
    "sendfile on;",
    "keepalive_timeout 75s;",
    // Post-quantum client certificates travel in a header of up to 16 KB.
    "large_client_header_buffers 8 32k;",
    // A proxy in front of this one (Ingress, load balancer) knows better which scheme the client used.
    'map $http_x_forwarded_proto $client_scheme { default $http_x_forwarded_proto; "" $scheme; }',
    // A connection for each request: those that are kept would all lead to the pods that were there first.
    `upstream api { server ${props.upstreams.api}; }`,
    `upstream content { server ${props.upstreams.content}; }`,
    "server {",
    ...indent(serverBlock(props)),
    "}",
  ];
}

function serverBlock({
  routes,
  maxBodySize,
  readTimeoutSeconds,
  tls,
  ipv6,
  home,
}: NginxConfProps): readonly string[] {
  return [
    ...listen(webPort, "", ipv6),
    ...(tls === undefined
      ? []
      : [
          ...listen(webTlsPort, " ssl", ipv6),
          `ssl_certificate ${tls.certificate};`,
          `ssl_certificate_key ${tls.key};`,
          "ssl_protocols TLSv1.2 TLSv1.3;",
        ]),
    `client_max_body_size ${maxBodySize};`,
    "proxy_http_version 1.1;",
    'proxy_set_header Connection "";',
    // Registry clients follow Location headers, so the port that they came to must survive: $host would drop it.
    "proxy_set_header Host $http_host;",
    "absolute_redirect off;",
    "proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;",
    "proxy_set_header X-Forwarded-Proto $client_scheme;",
    // Only a proxy that verified the certificate may set this one; from outside it is a lie.
    'proxy_set_header X-CLIENT-CERT "";',
    "proxy_redirect off;",
    // Uploads go through as they arrive, downloads are not spooled to disk.
    "proxy_request_buffering off;",
    "proxy_buffering off;",
    "proxy_connect_timeout 10s;",
    `proxy_read_timeout ${readTimeoutSeconds}s;`,
    `proxy_send_timeout ${readTimeoutSeconds}s;`,
    `location = ${webHealthPath} { access_log off; return 200 "ok\\n"; }`,
    // The api has no page at "/".
    `location = / { return 302 ${home}; }`,
    ...routes.map(({ prefix, backend }) => `location ${prefix} { proxy_pass http://${backend}; }`),
  ];
}

function listen(port: number, flags: string, ipv6: boolean): readonly string[] {
  return [`listen ${port}${flags};`, ...(ipv6 ? [`listen [::]:${port}${flags};`] : [])];
}

function indent(lines: readonly string[]): readonly string[] {
  return lines.map((line) => `  ${line}`);
}
