/**
 * A JSON schema as a list of fields.
 *
 * @module
 */

/** One field of a JSON schema. */
export interface PartOfSchema {
  /** Its name, behind those of the objects it lies in. */
  readonly path: string;
  /** Its type in words. */
  readonly type: string;
  /** What the schema says of it. */
  readonly description: string;
}

/** The part of JSON Schema that the schemas of this project use. */
interface Schema {
  readonly type?: string;
  readonly const?: unknown;
  readonly enum?: readonly unknown[];
  readonly anyOf?: readonly Schema[];
  readonly oneOf?: readonly Schema[];
  readonly items?: Schema;
  readonly properties?: Readonly<Record<string, Schema>>;
  readonly required?: readonly string[];
  readonly description?: string;
}

/** Every field of a schema of objects, the outer before the inner ones. */
export function partsOfSchema(schema: unknown): readonly PartOfSchema[] {
  const parts = new Map<string, PartOfSchema>();
  collect(schema as Schema, "", parts);
  return [...parts.values()];
}

function collect(schema: Schema, before: string, parts: Map<string, PartOfSchema>): void {
  for (const [name, inner] of Object.entries(schema.properties ?? {})) {
    const path = `${before}${name}`;
    const optional = schema.required?.includes(name) ? "" : ", optional";
    const known = parts.get(path);
    // The choices of a union have fields of the same name.
    const type = known === undefined
      ? typeOf(inner) + optional
      : known.type.includes(typeOf(inner))
      ? known.type
      : `${known.type} or ${typeOf(inner)}`;
    parts.set(path, { path, type, description: inner.description ?? known?.description ?? "" });
    for (const choice of [inner, ...choicesOf(inner)]) collect(choice, `${path}.`, parts);
  }
}

function choicesOf(schema: Schema): readonly Schema[] {
  return schema.anyOf ?? schema.oneOf ?? [];
}

function typeOf(schema: Schema): string {
  if (schema.const !== undefined) return `\`${JSON.stringify(schema.const)}\``;
  if (schema.enum !== undefined) {
    return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(" or ");
  }
  if (schema.items !== undefined) return `list of ${plural(typeOf(schema.items))}`;
  const choices = [...new Set(choicesOf(schema).map(typeOf))];
  if (choices.length > 0) return choices.join(" or ");
  return schema.type ?? "anything";
}

function plural(type: string): string {
  return type.replace(/^(number|list|object|string|integer)\b/, "$1s");
}
