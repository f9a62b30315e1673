/** Names of sections of zuul.conf, which users choose: read back by configparser. */
import { fileOf, zuulOf } from "../products.ts";
import { judged, type Single } from "../sink.ts";

const judge = `
import configparser, json, sys
found = []
for number, text in json.load(sys.stdin):
    conf = configparser.ConfigParser()
    conf.read_string(text)
    ours = [s.split(" ", 1)[1] for s in conf.sections() if conf[s].get("opt_mine") == "here"]
    found.append((number, "|".join(ours)))
print(json.dumps(found))
`;

const isPlain = (value: string): boolean => /^[A-Za-z0-9](?:[A-Za-z0-9._ -]*[A-Za-z0-9._-])?$/.test(value);

function sectionSink(
  member: "connections" | "ansibleCallbacks",
  options: object,
  isValid: (value: string) => boolean,
): Single {
  return {
    name: `zuul.conf: a name in ${member}`,
    isSecret: false,
    fieldOf: ({ value }) => `spec.${member}.${value}:`,
    unfit: (value) => (isValid(value) ? undefined : "it is no plain name"),
    render: async (value) => {
      const manifests = await zuulOf({ [member]: { [value]: { ...options, opt_mine: "here" } } });
      return fileOf(manifests, "zuul-executor-config", "zuul.conf");
    },
    judge: async (rendered) => judged("python3", ["-c", judge], rendered),
  };
}

export const connectionName = sectionSink(
  "connections",
  { driver: "git", baseurl: "https://git.example.org" },
  (value) => isPlain(value) && value.length <= 100 && !["database", "zuul", "timer"].includes(value),
);
export const callbackName = sectionSink(
  "ansibleCallbacks",
  {},
  (value) => isPlain(value) && value.length <= 253,
);
