/** `node e2e/images/main.ts build [--yes] [names…] | list`: archives of the test images on standard output. I/O. */
import { existsSync } from "node:fs";
import { archivePath, ensureImages, knownImages } from "./images.ts";

const [command, ...rest] = process.argv.slice(2);
const names = rest.filter((argument) => !argument.startsWith("--"));
if (command === "list") {
  for (const name of names.length > 0 ? names : knownImages) {
    const path = await archivePath(name);
    console.log(`${name}\t${existsSync(path) ? path : "not built"}`);
  }
} else if (command === "build") {
  const wanted = names.length > 0 ? names : knownImages;
  const archives = await ensureImages(wanted, (line) => console.error(line), rest.includes("--yes"));
  for (const [name, path] of archives) console.log(`${name}\t${path}`);
} else {
  console.error("usage: main.ts build [--yes] [names…] | list");
  process.exitCode = 2;
}
