/** Where the pods of one Pulp mount what, so that nothing of the user's is put in the same place. Pure. */
import type { OwnFolder } from "@zuul-pulp/constructs";
import { scriptsFolder } from "./scripts.ts";
import { settingsFolder } from "./settings-py.ts";

/** Private to each pod. */
export const home = "/home/pulp";
/** Artifacts and temporary files. */
export const pulpFolder = "/var/lib/pulp";
/** Folders that the settings name and an empty volume lacks; a rename from one to the other must stay a rename. */
export const workFolders: readonly string[] = [`${pulpFolder}/media`, `${pulpFolder}/tmp`];

export const nginxFolder = "/etc/nginx-pulp";
export const nginxTlsFolder = "/etc/nginx-tls";

/** With object storage nothing is renamed from one work folder to the other: a larger disk may be put there. */
export function processFolders(storage: "filesystem" | "s3"): readonly OwnFolder[] {
  return [
    { path: settingsFolder },
    { path: scriptsFolder },
    { path: home, isOpen: true },
    { path: pulpFolder, isOpen: true },
    ...(storage === "s3" ? [] : workFolders.map((path) => ({ path }))),
  ];
}

export const webFolders: readonly OwnFolder[] = [{ path: nginxFolder }, { path: nginxTlsFolder }];
