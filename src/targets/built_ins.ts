/**
 * Whether a module has replaced built-ins of its process. That is its own loss, for it alone has
 * them; but a reader who wonders at a verdict should know.
 *
 * @module
 */

const { getOwnPropertyDescriptor, is } = Object;
const { ownKeys } = Reflect;

/** The objects that are looked at, by their names. */
function holders(): readonly (readonly [string, object])[] {
  const constructors = [
    ...[Object, Function, Array, Number, String, Boolean, Symbol, BigInt, Map, Set, WeakMap],
    ...[Promise, Error, ArrayBuffer, Float32Array, Float64Array, Uint8Array, RegExp, Date],
  ];
  return [
    ["Math", Math],
    ["JSON", JSON],
    ["Reflect", Reflect],
    ...constructors.flatMap((holder) => {
      const { name } = holder;
      return [[name, holder], [`${name}.prototype`, holder.prototype as object]] as const;
    }),
  ];
}

/** The value or the getter of every property of a holder. */
function propertiesOf(holder: object): ReadonlyMap<PropertyKey, unknown> {
  const found: [PropertyKey, unknown][] = [];
  for (const key of ownKeys(holder)) {
    const property = getOwnPropertyDescriptor(holder, key);
    found.push([key, property?.get ?? property?.value]);
  }
  return new Map(found);
}

/**
 * Remembers the built-ins as they are.
 *
 * @returns what tells the names of those that have been replaced, removed or added since
 */
export function rememberBuiltIns(): () => readonly string[] {
  const before = holders().map(([name, holder]) => [name, holder, propertiesOf(holder)] as const);
  return () => {
    const changed: string[] = [];
    for (const [name, holder, properties] of before) {
      const now = propertiesOf(holder);
      for (const key of new Set([...properties.keys(), ...now.keys()])) {
        if (properties.has(key) && now.has(key) && is(properties.get(key), now.get(key))) continue;
        changed.push(`${name}.${String(key)}`);
      }
    }
    return changed;
  };
}
