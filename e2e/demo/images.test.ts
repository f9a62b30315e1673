import { expect, test } from "vitest";
import { builtImages, publishedImages } from "./images.ts";
import { pulpResource, zuulResources } from "./resources.ts";
import { gitServer } from "./git-server.ts";

const text = (images: Parameters<typeof pulpResource>[0]): string =>
  JSON.stringify([...gitServer(images.git), ...zuulResources(images, "node.example"), pulpResource(images)]);

test("with published images the resources name none of ours, so that nodes pull the operators' defaults", () => {
  expect(text(builtImages)).toContain('"image":"localhost/zuul-pulp/mariadb:10.11"');
  expect(text(publishedImages)).not.toContain("localhost/");
  expect(text(publishedImages)).not.toContain('"imagePrefix"');
  expect(text(publishedImages)).toContain('"image":"quay.io/zuul-ci/zuul-merger:14.3.0"');
});
