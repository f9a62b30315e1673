/** The password of the operator's own MariaDB inside the URL in zuul.conf, read by configparser and then by SQLAlchemy. */
import { fileOf, zuulOf } from "../products.ts";
import { judged, type Sink } from "../sink.ts";
import { bytesOf } from "../strings.ts";
import { anyOf, empty, noText, nul, severalLines, windows, withoutNewline } from "../unfit.ts";
import { sqlAlchemy } from "./programs.ts";

const judge = `
import configparser, json, sys
from sqlalchemy.engine import make_url
found = []
for number, text in json.load(sys.stdin):
    conf = configparser.ConfigParser()
    conf.read_string(text)
    url = make_url(conf["database"]["dburi"])
    if (url.drivername, url.username, url.host, url.database) == ("mariadb+pymysql", "zuul", "zuul-database.default.svc", "zuul"):
        found.append((number, url.password))
print(json.dumps(found))
`;

export const databaseUrl: Sink = {
  name: "zuul.conf: a password inside a URL",
  isSecret: true,
  fieldOf: () => 'Secret "zuul-database-password"',
  unfit: anyOf(noText, nul, empty, windows, (value) => severalLines(withoutNewline(value))),
  expected: withoutNewline,
  render: async (value) => {
    const secrets = { "zuul-database-password": { password: bytesOf(value) } };
    return fileOf(await zuulOf({}, { secrets }), "zuul-scheduler-config", "zuul.conf");
  },
  judge: async (rendered) => judged(await sqlAlchemy(), ["-c", judge], rendered),
};
