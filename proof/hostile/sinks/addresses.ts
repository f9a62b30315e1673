/** Addresses that users open: what is accepted is one URL or host, whole, for Python's parser of URLs. */
import { fileOf, pulpOf, zuulOf } from "../products.ts";
import { judged, type Single } from "../sink.ts";
import { dynaconf } from "./programs.ts";

/**
 * A URL without user, query and fragment is returned as it is given; what Python's parser does not agree about is
 * returned as its complaint.
 */
const judge = `
import configparser, json, sys
from urllib.parse import urlsplit
found = []
for number, rendered in json.load(sys.stdin):
    text = rendered["text"]
    if rendered["how"] == "conf":
        conf = configparser.ConfigParser()
        conf.read_string(text)
        url = conf["web"]["root"]
    else:
        values = {}
        exec(text, values)
        url = values["CONTENT_ORIGIN"] if rendered["how"] == "origin" else values["STORAGES"]["default"]["OPTIONS"]["endpoint_url"]
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError as error:
        found.append((number, f"{error} in {url}"))
        continue
    problems = [
        *(["user"] if parts.username is not None else []),
        *(["scheme " + parts.scheme] if parts.scheme not in ("http", "https") else []),
        *(["no host"] if not parts.hostname else []),
        *(["query or fragment"] if parts.query or parts.fragment or "?" in url or "#" in url else []),
        *(["not one line"] if len(url.split()) != 1 or not url.isprintable() else []),
    ]
    found.append((number, "; ".join(problems) + " in " + url if problems else url))
print(json.dumps(found))
`;

const read: Single["judge"] = async (rendered) => judged(await dynaconf(), ["-c", judge], rendered);

/** Told apart by their scheme: what is no URL at all must be refused. */
const isUrl = (value: string): boolean =>
  /^https?:\/\/[A-Za-z0-9.:[\]_-]+(\/[\w.~!$&()*+,;=:@%/-]*)?$/.test(value) && URL.canParse(value);
const slashed = (url: string): string => (url.endsWith("/") ? url : `${url}/`);

export const statusUrl: Single = {
  name: "web.status_url",
  isSecret: false,
  fieldOf: () => "spec.web.status_url",
  unfit: (value) => (isUrl(value) ? undefined : "it is no URL"),
  expected: slashed,
  render: async (value) => {
    const manifests = await zuulOf({ web: { status_url: value } });
    return { how: "conf", text: fileOf(manifests, "zuul-scheduler-config", "zuul.conf") };
  },
  judge: read,
};

export const endpoint: Single = {
  name: "storage.s3.endpoint",
  isSecret: false,
  fieldOf: () => "spec.storage.s3.endpoint",
  unfit: (value) => (isUrl(value) ? undefined : "it is no URL"),
  render: async (value) => {
    const manifests = await pulpOf({ storage: { s3: { bucket: "one", endpoint: value } } });
    return { how: "endpoint", text: fileOf(manifests, "pulp-api-settings", "settings.py") };
  },
  judge: read,
};

export const contentOrigin: Single = {
  name: "expose.host in CONTENT_ORIGIN",
  isSecret: false,
  fieldOf: () => "spec.expose.host",
  unfit: (value) =>
    value.length <= 253 &&
    /^[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?(\.[A-Za-z0-9]([-A-Za-z0-9]*[A-Za-z0-9])?)*$/.test(value)
      ? undefined
      : "it is no host",
  expected: (value) => `http://${value}`,
  render: async (value) => {
    const manifests = await pulpOf({ expose: { type: "LoadBalancer", host: value } });
    return { how: "origin", text: fileOf(manifests, "pulp-api-settings", "settings.py") };
  },
  judge: read,
};
