import { assert, constantFrom, dictionary, property, string } from "fast-check";
import { describe, expect, test } from "vitest";
import { at, container, web } from "./constructs.builders.ts";
import type { Mount } from "./mount.ts";
import type { PodOverrides } from "./pod-overrides.ts";
import { type PodTemplate, podTemplateManifest } from "./pod-template.ts";

const template = (pod: Partial<PodTemplate> = {}) =>
  podTemplateManifest({ containers: [container()], ...pod }, { member: web, isSpread: false });

const overridden = (overrides: PodOverrides, pod: Partial<PodTemplate> = {}) =>
  template({ overrides, ...pod });

describe("podTemplateManifest()", () => {
  test("hands text to the program as it is, although Kubernetes expands references", () => {
    const shown = container({
      command: ["sh", "-c", "echo $(date) $HOME"],
      args: ["$(X)"],
      env: [{ name: "A", value: "$(B)" }],
    });
    const spec = template({ containers: [shown] }).spec?.containers[0];
    expect(spec?.command).toEqual(["sh", "-c", "echo $$(date) $HOME"]);
    expect(spec?.args).toEqual(["$$(X)"]);
    expect(spec?.env).toEqual([{ name: "A", value: "$$(B)" }]);
  });

  test("shares one volume between equal sources and keeps different ones apart", () => {
    const keys: Mount = { path: "/a", from: { kind: "secret", name: "keys" } };
    const oneKey: Mount = {
      path: "/c",
      from: { kind: "secret", name: "keys", items: [{ key: "k", path: "k" }] },
    };
    const pod = template({
      containers: [container({ mounts: [keys, { ...keys, path: "/b" }, oneKey] })],
    }).spec;
    const names = pod?.volumes?.map(({ name }) => name) ?? [];
    expect(names.filter((name) => name.startsWith("secret-"))).toHaveLength(2);
    const mounts = pod?.containers[0]?.volumeMounts ?? [];
    expect(mounts.map(({ mountPath }) => mountPath)).toEqual(["/a", "/b", "/c", "/tmp"]);
    expect(mounts[0]?.name).toBe(mounts[1]?.name);
    expect(mounts[0]?.readOnly).toBe(true);
  });

  test("gives each container a folder of its own at /tmp, unless one is mounted or the root is writable", () => {
    const mounted = container({
      name: "b",
      mounts: [{ path: "/tmp", from: { kind: "claim", name: "scratch" } }],
    });
    const writable = container({ name: "c", security: { writableRoot: true } });
    const pod = template({ containers: [container({ name: "a" }), mounted, writable] }).spec;
    expect(pod?.volumes?.map(({ name }) => name)).toEqual([expect.stringMatching(/^claim-/), "empty-tmp-a"]);
    expect(pod?.containers[2]?.volumeMounts).toEqual([]);
  });

  test("lets the user change resources of the main container and the environment of all", () => {
    const resources = { requests: { cpu: "2" }, limits: { memory: "4Gi" } };
    const pod = overridden(
      { resources, env: [{ name: "TZ", value: "UTC" }] },
      { containers: [container(), container({ name: "sidecar", resources: { requests: { cpu: "5m" } } })] },
    ).spec;
    expect(pod?.containers.map((one) => one.resources)).toEqual([resources, { requests: { cpu: "5m" } }]);
    expect(pod?.containers.map((one) => one.env)).toEqual([
      [{ name: "TZ", value: "UTC" }],
      [{ name: "TZ", value: "UTC" }],
    ]);
  });

  test("lets the user's variable replace ours", () => {
    const ours = container({ env: [{ name: "LOG", value: "info" }] });
    const pod = overridden({ env: [{ name: "LOG", value: "debug" }] }, { containers: [ours] }).spec;
    expect(pod?.containers[0]?.env).toEqual([{ name: "LOG", value: "debug" }]);
  });

  test("keeps our labels and annotations when the user gives the same", () => {
    const labels = { "app.kubernetes.io/name": "mine", team: "infra" };
    expect(overridden({ labels }).metadata?.labels).toMatchObject({
      "app.kubernetes.io/name": "zuul",
      team: "infra",
    });
  });

  test("mounts the user's volumes into all containers, init containers included", () => {
    const extraVolumes = [{ name: "ca", mountPath: "/etc/ca", configMap: { name: "our-ca" } }];
    const pod = overridden({ extraVolumes }, { initContainers: [container({ name: "init" })] }).spec;
    for (const one of [...(pod?.containers ?? []), ...(pod?.initContainers ?? [])])
      expect(one.volumeMounts).toContainEqual(
        expect.objectContaining({ mountPath: "/etc/ca", readOnly: true }),
      );
  });

  test("lifts confinement only for a privileged pod, and only of the container that asks", () => {
    const asking = container({ name: "executor", security: { privileged: true } });
    const pod = template({
      security: { level: "privileged" },
      containers: [asking, container({ name: "beside" })],
    }).spec;
    expect(pod?.securityContext).toEqual({ runAsNonRoot: true });
    expect(pod?.containers[0]?.securityContext).toMatchObject({ privileged: true });
    expect(pod?.containers[1]?.securityContext).toMatchObject({ allowPrivilegeEscalation: false });
    expect(() => template({ containers: [asking] })).toThrow("security.level");
  });

  test("can use a user namespace instead of privilege", () => {
    const pod = template({ security: { level: "userNamespaces" } }).spec;
    expect(pod?.hostUsers).toBe(false);
    expect(pod?.containers[0]?.securityContext?.procMount).toBe("Unmasked");
    expect(pod?.securityContext).not.toHaveProperty("seccompProfile");
  });

  test("refuses root in a restricted pod", () => {
    expect(() => template({ security: { runAsUser: 0 } })).toThrow("root");
  });

  test("does not depend on the order of variables, mounts or keys", () => {
    const words = dictionary(constantFrom("A", "B", "C", "D", "E"), string());
    assert(
      property(words, (values) => {
        const env = Object.entries(values).map(([name, value]) => ({ name, value }));
        const mounts = Object.keys(values).map(
          (name): Mount => ({ path: `/m/${name}`, from: { kind: "configMap", name: name.toLowerCase() } }),
        );
        const forwards = template({ containers: [container({ env, mounts })] });
        const backwards = template({
          containers: [container({ env: [...env].reverse(), mounts: [...mounts].reverse() })],
        });
        expect(JSON.stringify(backwards)).toBe(JSON.stringify(forwards));
      }),
    );
  });

  test("names every volume so that the server accepts it", () => {
    const mounts: Mount[] = [
      { path: "/a", from: { kind: "configMap", name: "a.b.c" } },
      { path: "/b", from: { kind: "hostPath", path: "/var/lib/Ä" } },
      { path: "/c", from: { kind: "native", source: { csi: { driver: "x.y" } } } },
      { path: "/d", from: { kind: "emptyDir", name: "work" } },
    ];
    const volumes = at(template({ containers: [container({ mounts })] }), "spec.volumes");
    expect(volumes).toHaveLength(5);
    for (const volume of Array.isArray(volumes) ? volumes : [])
      expect(at(volume, "name")).toMatch(/^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/);
  });
});
