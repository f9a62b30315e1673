/** `npm run gen`: CRDs, deploy files and reference pages from the specs; `--check` fails when they are not current. */
import process from "node:process";
import { parseArgs } from "node:util";
import { orRefuse } from "./command-line.ts";
import { driftOf, write } from "./gen/files.ts";
import { operatorsOf } from "./gen/operators.ts";
import { generatedFolders, outputsOf } from "./gen/outputs.ts";

const usage = `Usage: npm run gen -- [--check]

  --check   write nothing; fail when the generated files are not what the specs make
`;

const { values } = orRefuse("gen", () =>
  parseArgs({
    options: { check: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
  }),
);
if (values.help) {
  process.stdout.write(usage);
  process.exit(0);
}
const outputs = outputsOf(await operatorsOf("."));
const drift = driftOf(outputs, generatedFolders);
if (values.check && drift.length > 0) {
  process.stderr.write(`Not current, run npm run gen:\n${drift.map((path) => `  ${path}\n`).join("")}`);
  process.exitCode = 1;
} else if (values.check) {
  process.stdout.write(`${outputs.size} generated files are current\n`);
} else {
  write(outputs, generatedFolders);
  process.stdout.write(`${outputs.size} files generated, ${drift.length} of them changed\n`);
}
