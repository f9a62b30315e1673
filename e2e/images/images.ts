/**
 * Archives of every image that tests and demo need, built once and kept by content. I/O.
 * The hash covers the recipe, its lock files, copied files, the base below it and the builder itself.
 */
import { createHash } from "node:crypto";
import { existsSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as delay } from "node:timers/promises";
import { ensurePackages } from "../system-packages.ts";
import { base } from "./base.ts";
import { build } from "./build.ts";
import { buildah, cacheFolder } from "./buildah.ts";
import { mariadb, nginx, postgres, redis, zookeeper } from "./dependencies.ts";
import { type Inputs, machineInputs } from "./machine.ts";
import { operatorRecipe } from "./operator.ts";
import { pulp } from "./pulp.ts";
import { pulpOlder } from "./pulp-older.ts";
import { prefix, type Recipe } from "./recipe.ts";
import { s3Recipe } from "./s3.ts";
import { nodepool, zuul } from "./zuul.ts";

type Say = (line: string) => void;

const fixed: readonly Recipe[] = [
  base,
  zookeeper,
  mariadb,
  postgres,
  redis,
  nginx,
  pulp,
  pulpOlder,
  zuul,
  nodepool,
];
/** Recipes around a program that is built first. */
const around = new Map<string, (say: Say, operatorBase?: string) => Promise<Recipe>>([
  ["zuul-operator", (_, on) => operatorRecipe("zuul-operator", on)],
  ["pulp-operator", (_, on) => operatorRecipe("pulp-operator", on)],
  ["s3", s3Recipe],
]);

/** Every name that `ensureImages` knows. */
export const knownImages: readonly string[] = [...fixed.map(({ name }) => name), ...around.keys()];

/**
 * Gives the archive (docker-archive, all names inside) of each image, building what is missing, two at a time.
 * @param yes installs missing Debian packages instead of naming them
 * @param operatorBase what the operator images stand on; see `operatorRecipe`
 * @throws Error for an unknown name, a missing tool, or a build that failed, with its last lines
 */
export async function ensureImages(
  names: readonly string[],
  say: Say,
  yes = false,
  operatorBase?: string,
): Promise<ReadonlyMap<string, string>> {
  const recipes = await Promise.all(names.map((name) => recipeOf(name, say, operatorBase)));
  const missing = recipes.filter((recipe) => !existsSync(archiveOf(recipe)));
  if (missing.length > 0) {
    const above = missing.filter((recipe) => recipe.from === "base");
    await ensureTools(above.length > 0 || missing.includes(base), yes, say);
    const inputs = await machineInputs();
    if (above.length > 0 || missing.includes(base)) await ensureOne(base, inputs, say, above.length > 0);
    const queue = missing.filter((recipe) => recipe !== base);
    const worker = async (): Promise<void> => {
      for (let next = queue.shift(); next !== undefined; next = queue.shift())
        await ensureOne(next, inputs, say, false);
    };
    await Promise.all([worker(), worker()]);
  }
  return new Map(recipes.map((recipe) => [recipe.name, archiveOf(recipe)]));
}

/** Where the archive of `name` is, or will be once it is built. */
export async function archivePath(name: string): Promise<string> {
  return archiveOf(await recipeOf(name, () => undefined));
}

async function recipeOf(name: string, say: Say, operatorBase?: string): Promise<Recipe> {
  const recipe = (await around.get(name)?.(say, operatorBase)) ?? fixed.find((known) => known.name === name);
  if (recipe === undefined)
    throw new Error(`Cannot build image "${name}": known are ${knownImages.join(", ")}`);
  return recipe;
}

const builderHash = createHash("sha256")
  .update(readFileSync(join(import.meta.dirname, "build.ts")))
  .digest("hex");

/** 16 hex digits over everything that decides the content, the Debian mirror's state excepted. */
function hashOf(recipe: Recipe): string {
  const hash = createHash("sha256")
    .update(builderHash)
    .update(JSON.stringify({ ...recipe, copies: recipe.copies?.map(([, destination]) => destination) }));
  for (const { lock } of recipe.environments ?? [])
    hash.update(readFileSync(join(import.meta.dirname, "lock", lock)));
  for (const [source] of recipe.copies ?? [])
    for (const file of filesBelow(source)) hash.update(readFileSync(file));
  if (recipe.from === "base") hash.update(hashOf(base));
  return hash.digest("hex").slice(0, 16);
}

function filesBelow(path: string): readonly string[] {
  if (!statSync(path).isDirectory()) return [path];
  return readdirSync(path, { recursive: true, encoding: "utf8" })
    .sort()
    .map((name) => join(path, name))
    .filter((file) => !statSync(file).isDirectory());
}

function archiveOf(recipe: Recipe): string {
  return join(cacheFolder("archives"), `${recipe.name}-${recipe.version}-${hashOf(recipe)}.tar`);
}

/** `inStorage` asks for the image in buildah's storage too, because others are built on it. */
async function ensureOne(recipe: Recipe, inputs: Inputs, say: Say, inStorage: boolean): Promise<void> {
  const archive = archiveOf(recipe);
  const stored = `${prefix}/built-${recipe.name}:${hashOf(recipe)}`;
  const done = async (): Promise<boolean> => existsSync(archive) && (!inStorage || (await isStored(stored)));
  if (await done()) return;
  await withLock(`${archive}.lock`, async () => {
    if (await done()) return;
    const label = `${recipe.name}:${recipe.version}`;
    const began = Date.now();
    say(`building ${label} (about ${recipe.minutes} min, once)`);
    const seconds = (): number => Math.round((Date.now() - began) / 1000);
    const ticker = setInterval(() => say(`building ${label} … ${seconds()}s`), 20_000);
    try {
      await build(recipe, parentOf(recipe), stored, archive, inputs);
    } finally {
      clearInterval(ticker);
    }
    say(`built ${label} in ${seconds()}s, ${Math.round(statSync(archive).size / 1e6)} MB`);
  });
}

/** The name that buildah begins from. */
function parentOf({ from }: Recipe): string {
  if (typeof from === "object") return from.pulled;
  return from === "base" ? `${prefix}/built-base:${hashOf(base)}` : "scratch";
}

async function isStored(name: string): Promise<boolean> {
  return await buildah("inspect", "--type", "image", name).then(
    () => true,
    () => false,
  );
}

/** One builder per archive; a lock whose process is gone is taken over. */
async function withLock(path: string, work: () => Promise<void>): Promise<void> {
  while (!claim(path)) {
    const owner = Number(readFileSync(path, "utf8"));
    if (existsSync(`/proc/${owner}`)) await delay(500);
    else rmSync(path, { force: true });
  }
  try {
    await work();
  } finally {
    rmSync(path, { force: true });
  }
}

function claim(path: string): boolean {
  try {
    writeFileSync(path, String(process.pid), { flag: "wx" });
    return true;
  } catch {
    return false;
  }
}

async function ensureTools(debian: boolean, yes: boolean, say: Say): Promise<void> {
  const needs = ["buildah", ...(debian ? ["debootstrap"] : [])].map((tool) => ({
    files: ["/usr/bin", "/usr/sbin", "/usr/local/bin"].map((folder) => join(folder, tool)),
    package: tool,
  }));
  await ensurePackages("Building images", needs, yes, say);
}
