/** `node e2e/images/main.ts build|list`: archives of the test images and of the operators on standard output. I/O. */
import { existsSync } from "node:fs";
import { parseArgs } from "node:util";
import { known, orRefuse } from "../../tools/command-line.ts";
import { archivePath, ensureImages, knownImages } from "./images.ts";

const usage = `Usage: npx node e2e/images/main.ts build [--yes] [--operator-base IMAGE] [names…] | list [names…]

  --yes                  install missing system packages without asking
  --operator-base IMAGE  what the operator images stand on: scratch (default), base (Debian, built here), or any image
                         with glibc and libstdc++ that can be pulled, such as one of distroless or UBI
`;

const { values, positionals } = orRefuse("images", () =>
  parseArgs({
    allowPositionals: true,
    options: {
      yes: { type: "boolean", default: false },
      "operator-base": { type: "string" },
      help: { type: "boolean", default: false },
    },
  }),
);
const [command, ...names] = positionals;
orRefuse("images", () => known("image", names, knownImages));
const wanted = names.length > 0 ? names : knownImages;
if (values.help) {
  process.stdout.write(usage);
} else if (command === "list") {
  for (const name of wanted) {
    const path = await archivePath(name);
    process.stdout.write(`${name}\t${existsSync(path) ? path : "not built"}\n`);
  }
} else if (command === "build") {
  const say = (line: string): void => void process.stderr.write(`${line}\n`);
  const archives = await ensureImages(wanted, say, values.yes, values["operator-base"]);
  for (const [name, path] of archives) process.stdout.write(`${name}\t${path}\n`);
} else {
  process.stderr.write(usage);
  process.exitCode = 2;
}
