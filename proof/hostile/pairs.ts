/** Which strings meet which sinks. A sink that is not listed here is not tried. Data. */
import type { Sink } from "./sink.ts";
import { contentOrigin, endpoint, statusUrl } from "./sinks/addresses.ts";
import { databaseUrl } from "./sinks/database-url.ts";
import {
  annotationKey,
  annotationValue,
  cloudName,
  hostOfIngress,
  labelKey,
  labelValue,
  variableValue,
} from "./sinks/kubernetes.ts";
import { pulpName, zuulName } from "./sinks/names.ts";
import { apiRoot, bodySize, contentPath } from "./sinks/nginx-conf.ts";
import { secureVariable, yamlValue } from "./sinks/nodepool.ts";
import { callbackName, connectionName } from "./sinks/sections.ts";
import { secretSetting, setting, settingKey } from "./sinks/settings-py.ts";
import { plainOption, secretOption } from "./sinks/zuul-conf.ts";
import { cache, mariaDb, postgres } from "./sinks/start-scripts.ts";
import { forScripts, strings } from "./strings.ts";

const sinks: readonly Sink[] = [
  plainOption,
  secretOption,
  setting,
  secretSetting,
  settingKey,
  secureVariable,
  yamlValue,
  labelKey,
  labelValue,
  annotationKey,
  annotationValue,
  variableValue,
  hostOfIngress,
  cloudName,
  connectionName,
  callbackName,
  statusUrl,
  endpoint,
  contentOrigin,
  zuulName,
  pulpName,
  apiRoot,
  contentPath,
  bodySize,
];

/** Each value costs a whole pass, or several processes. */
const costly: readonly Sink[] = [databaseUrl, mariaDb, postgres, cache];

export const all: readonly { readonly sink: Sink; readonly values: readonly string[] }[] = [
  ...sinks.map((sink) => ({ sink, values: strings })),
  ...costly.map((sink) => ({ sink, values: forScripts })),
];
