/** What Zuul stands on: database, ZooKeeper, keystore. Each is either somebody's own or run by the operator. Pure. */
import { backingImages, podSpecSchema, storageSchema } from "@zuul-pulp/constructs";
import { doc, image, immutable } from "@zuul-pulp/k8s-core/crd";
import { secretRef } from "@zuul-pulp/secret-ref";
import { z } from "zod";

const name = () => z.string().min(1).max(253);

export const databaseSpec = z.object({
  secretName: doc(
    "Secret with the SQLAlchemy URL of an existing database: mysql+pymysql://, mariadb+pymysql:// or postgresql://.",
    name().optional(),
  ),
  key: doc('Its key. Default: "dburi".', name().optional()),
  mode: doc("single: one MariaDB pod run by the operator, for evaluation.", z.enum(["single"]).optional()),
  image: doc("Image of that MariaDB.", image().default(backingImages.mariadb)),
  storage: doc("Disk of that MariaDB.", storageSchema({ size: "10Gi" }).prefault({})),
  pod: doc("Further settings of its pod.", podSpecSchema().optional()),
});

/** Two new, empty members could outvote the one that holds the projects' keys, so the number is set once. */
export const zookeeperSpec = immutable(
  z.object({
    hosts: doc(
      "Existing ensemble: host:port[,host:port][/chroot], TLS ports. Omitted: the operator runs one.",
      z.string().min(1).max(4096).optional(),
    ),
    tls: doc(
      "Client certificate for it: a Secret with ca.crt, tls.crt and tls.key.",
      z.object({ secretName: doc("Name of the Secret.", name()) }).optional(),
    ),
    session_timeout: doc(
      "Seconds; the servers cap it. Zuul's default: 120.",
      z.number().min(1).max(3600).optional(),
    ),
    count: doc(
      "Members of the operator's own ensemble: 1, 3 or 5. Default: 3. It cannot change afterwards.",
      z.int32().min(1).max(5).optional(),
    ),
    image: doc("Image of its members.", image().default(backingImages.zookeeper)),
    storage: doc(
      "Disk of each member; it holds the projects' keys.",
      storageSchema({ size: "5Gi" }).prefault({}),
    ),
    pod: doc("Further settings of their pods.", podSpecSchema().optional()),
  }),
  "count",
  "the number of members cannot change, as new and empty ones could outvote those with the data: export the keys " +
    "with zuul-admin export-keys, make a Zuul of another name with the new count, and import them there",
);

export const keystoreSpec = secretRef();
