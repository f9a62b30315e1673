/** Paths and ports inside the pods, each decided in one place. Pure. */
export const paths = {
  /** The component's config Secret, mounted as a directory so that it follows changes. */
  zuul: "/etc/zuul",
  nodepool: "/etc/nodepool",
  secureConf: "/etc/nodepool/secure.conf",
  /** Client certificate for ZooKeeper, straight from its Secret: clients read it again at each connect. */
  zookeeper: "/etc/zookeeper-client",
  state: "/var/lib/zuul",
  nodepoolState: "/var/lib/nodepool",
  nodepoolImages: "/var/lib/nodepool/images",
  nodepoolLogs: "/var/lib/nodepool/build-logs",
} as const;

export const ports = {
  web: 9000,
  finger: 9079,
  fingerPublic: 79,
  console: 7900,
  nodepoolWeb: 8005,
  zookeeper: 2281,
} as const;

/** Keys of a config Secret, which are the names of the files as well. */
export const files = {
  zuulConf: "zuul.conf",
  tenants: "main.yaml",
  logging: "logging.yaml",
  loggingIni: "logging.conf",
  nodeKey: "nodes.key",
  variables: "site-variables.yaml",
  reconfigureOn: "reconfigure-on",
  reconfigure: "reconfigure.py",
  runner: "runner.py",
  nodepool: "nodepool.yaml",
  secureConf: "secure.conf",
  drained: "drained.py",
} as const;
