/** Configuration and scripts of an ensemble member. Pure. */
import { filesPath } from "./backing-service.ts";
import { nodesService } from "./zookeeper-secrets.ts";

export const tlsPath = "/var/run/zookeeper-tls";

const probePort = 2181;

export interface ZooKeeperFilesProps {
  readonly name: string;
  readonly namespace: string;
  readonly count: number;
}

export function zooKeeperFiles(props: ZooKeeperFilesProps): Record<string, string> {
  return {
    "zoo.cfg": zooCfg(props),
    "logback.xml": logback,
    "log4j.properties": log4j,
    "start.sh": start,
    "probe.sh": probe,
  };
}

/**
 * TLS on every port that leaves the pod. The plain one is bound to the pod's loopback, for probes: an admin server is
 * not in every build, and whoever is inside the pod has the server's certificate anyway.
 * @see ZooKeeper 3.9 Administrator's Guide, "Configuration Parameters"
 */
function zooCfg({ name, namespace, count }: ZooKeeperFilesProps): string {
  const members = Array.from(
    { length: count },
    (_, ordinal) =>
      `server.${ordinal + 1}=${name}-${ordinal}.${nodesService(name)}.${namespace}.svc:2888:3888`,
  );
  return `dataDir=/data
tickTime=2000
initLimit=30
syncLimit=5
maxSessionTimeout=180000
secureClientPort=2281
clientPort=${probePort}
clientPortAddress=127.0.0.1
serverCnxnFactory=org.apache.zookeeper.server.NettyServerCnxnFactory
ssl.keyStore.location=${tlsPath}/server.pem
ssl.trustStore.location=${tlsPath}/ca.pem
ssl.clientAuth=need
client.certReload=true
sslQuorum=true
ssl.quorum.keyStore.location=${tlsPath}/server.pem
ssl.quorum.trustStore.location=${tlsPath}/ca.pem
ssl.quorum.hostnameVerification=false
sslQuorumReloadCertFiles=true
leader.closeSocketAsync=true
learner.closeSocketAsync=true
autopurge.snapRetainCount=3
autopurge.purgeInterval=2
standaloneEnabled=false
quorumListenOnAllIPs=true
electionPortBindRetry=0
4lw.commands.whitelist=ruok, srvr
admin.enableServer=false
${members.join("\n")}
`;
}

/** One class reports every probe; its other lines are warnings. */
const logback = `<configuration>
  <appender name="CONSOLE" class="ch.qos.logback.core.ConsoleAppender">
    <encoder><pattern>%d{ISO8601} %-5level %logger{0}: %msg%n</pattern></encoder>
  </appender>
  <logger name="org.apache.zookeeper.server.NettyServerCnxn" level="WARN"/>
  <root level="INFO"><appender-ref ref="CONSOLE"/></root>
</configuration>
`;

/** For builds of ZooKeeper that still log through log4j, such as Debian's. */
const log4j = `log4j.rootLogger=INFO, CONSOLE
log4j.logger.org.apache.zookeeper.server.NettyServerCnxn=WARN
log4j.appender.CONSOLE=org.apache.log4j.ConsoleAppender
log4j.appender.CONSOLE.layout=org.apache.log4j.PatternLayout
log4j.appender.CONSOLE.layout.ConversionPattern=%d{ISO8601} %-5p %c{1}: %m%n
`;

/**
 * The ordinal decides the id. It is overwritten each time: a volume may come from elsewhere.
 * Logging is set by property, as some builds fix the folder from which they would read it.
 */
const start = `set -eu
PATH="$PATH:/usr/share/zookeeper/bin"
ordinal="\${POD_NAME##*-}"
echo "$((ordinal + 1))" > /data/myid
export ZOO_LOG_DIR=/tmp JMXDISABLE=true
export JVMFLAGS="-Dlogback.configurationFile=${filesPath}/logback.xml"
export JVMFLAGS="$JVMFLAGS -Dlog4j.configuration=file:${filesPath}/log4j.properties"
exec zkServer.sh start-foreground ${filesPath}/zoo.cfg
`;

/**
 * `alive`: the process answers. `ready`: it serves, which a member does only as part of a quorum.
 * bash speaks TCP itself, and the start program of ZooKeeper needs bash anyway.
 */
const probe = `case "\${1:?}" in
  alive) question=ruok expected=imok ;;
  ready) question=srvr expected='Mode: ' ;;
esac
exec 3<> /dev/tcp/127.0.0.1/${probePort} || exit 1
printf '%s' "$question" >&3
answer="$(timeout 4 cat <&3)"
case "$answer" in
  *"$expected"*) exit 0 ;;
esac
echo "\${answer:-no answer}" >&2
exit 1
`;
