/** `node e2e/images/main.ts build [--yes] [names…] | list`: archives of the test images on standard output. I/O. */
import { existsSync } from "node:fs";
import { archivePath, ensureImages, knownImages } from "./images.ts";

const [command, ...rest] = process.argv.slice(2);
const names = rest.filter((argument) => !argument.startsWith("--"));
if (command === "list") {
  for (const name of names.length > 0 ? names : knownImages) {
    const path = await archivePath(name);
    process.stdout.write(`${name}\t${existsSync(path) ? path : "not built"}\n`);
  }
} else if (command === "build") {
  const wanted = names.length > 0 ? names : knownImages;
  const archives = await ensureImages(
    wanted,
    (line) => process.stderr.write(`${line}\n`),
    rest.includes("--yes"),
  );
  for (const [name, path] of archives) process.stdout.write(`${name}\t${path}\n`);
} else {
  process.stderr.write("usage: main.ts build [--yes] [names…] | list\n");
  process.exitCode = 2;
}
