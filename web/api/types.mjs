// Writes the types of the API from its description. The headers of a request (idempotency key,
// reason, CSRF token) are the client's care, so that no call has to name them; a refusal is what
// the client throws.

import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";
import ts from "typescript";

const here = new URL(".", import.meta.url);
const description = JSON.parse(await readFile(new URL("openapi.json", here), "utf8"));
const THROWN = "Problem as the client throws it";
for (const operations of Object.values(description.paths))
  for (const operation of Object.values(operations)) {
    operation.parameters = operation.parameters?.filter((parameter) => parameter.in !== "header");
    for (const response of Object.values(operation.responses)) {
      const refusal = response.content?.["application/problem+json"];
      if (refusal !== undefined) refusal.schema = { type: "object", title: THROWN };
    }
  }
const types = await openapiTS(description, {
  rootTypes: true,
  rootTypesNoSchemaPrefix: true,
  defaultNonNullable: false, // what has a default need not be given
  transform: ({ title }) =>
    title === THROWN ? ts.factory.createTypeReferenceNode('import("./index").Problem') : undefined,
});
await writeFile(new URL("src/schema.d.ts", here), astToString(types));
