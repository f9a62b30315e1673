/** One request with curl, a connection of its own: the most ordinary client there is. */
import { run } from "../run.ts";

export interface CurlAnswer {
  readonly status: number;
  readonly body: string;
  /** How many addresses were asked, redirects included. */
  readonly urls: number;
}

/** @throws Error when there is no HTTP answer at all; any status is an answer */
export async function curl(
  {
    url,
    password,
    authority,
  }: { readonly url: string; readonly password: string; readonly authority?: string | undefined },
  path: string,
  options: readonly string[] = [],
): Promise<CurlAnswer> {
  const marker = "\n--curl--";
  const out = await run(
    [
      ...[
        "curl",
        "-sS",
        "--config",
        "-",
        "--max-time",
        "300",
        "-w",
        `${marker}%{http_code} %{num_redirects}`,
      ],
      ...(authority === undefined ? [] : ["--cacert", authority]),
      ...options,
      `${url}${path}`,
    ],
    // The password through standard input, as arguments are everybody's to read.
    { input: `user = "admin:${password}"\n` },
  );
  const at = out.lastIndexOf(marker);
  const [status, redirects] = out
    .slice(at + marker.length)
    .split(" ")
    .map(Number);
  return { status: status ?? 0, body: out.slice(0, at), urls: (redirects ?? 0) + 1 };
}
