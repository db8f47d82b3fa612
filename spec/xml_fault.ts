/**
 * Where a text is not well-formed XML.
 *
 * Reports are written in the strict syntax of XML, HTML pages too, so that one check covers them.
 * Document types, comments and CDATA sections are passed over; entities are the five of XML and
 * references to characters.
 *
 * @module
 */

/** The first fault of a text with its place in words, or `null` if it is well-formed. */
export function xmlFault(text: string): string | null {
  const open: string[] = [];
  let position = 0, roots = 0;
  const fault = (what: string) => `${what} at character ${position}: ${around(text, position)}`;
  // deno-lint-ignore no-control-regex
  const illegal = /[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]/.exec(text);
  if (illegal) {
    position = illegal.index;
    return fault("a character that XML does not have");
  }
  if (!text.isWellFormed()) return "half a surrogate pair";
  while (position < text.length) {
    if (text[position] !== "<") {
      const end = text.indexOf("<", position);
      const part = text.slice(position, end < 0 ? text.length : end);
      const wrong = entityFault(part);
      if (wrong !== null) return fault(wrong);
      if (open.length === 0 && part.trim() !== "") return fault("text outside of the root");
      position += part.length;
      continue;
    }
    const aside = /<\?xml [^>]*\?>|<!doctype [^>]*>|<!--[^]*?-->|<!\[CDATA\[[^]*?\]\]>/iy;
    aside.lastIndex = position;
    const skipped = aside.exec(text);
    if (skipped) {
      position += skipped[0].length;
      continue;
    }
    const tag =
      /<(?<end>\/?)(?<name>[A-Za-z][\w:-]*)(?<attributes>(?:\s+[\w:-]+="[^"<]*")*)\s*(?<alone>\/?)>/y;
    tag.lastIndex = position;
    const found = tag.exec(text);
    if (!found) return fault("no tag");
    const { end, name, attributes, alone } = found.groups as Record<string, string>;
    const wrong = attributeFault(attributes!);
    if (wrong !== null) return fault(wrong);
    if (end === "/") {
      const expected = open.pop();
      if (expected !== name) return fault(`</${name}> where ${expected ?? "nothing"} is open`);
    } else {
      if (open.length === 0 && ++roots > 1) return fault("a second root");
      if (alone !== "/") open.push(name!);
    }
    position += found[0].length;
  }
  if (open.length > 0) return fault(`<${open.at(-1)}> is never closed`);
  return roots === 1 ? null : "no root";
}

function attributeFault(attributes: string): string | null {
  const names = new Set<string>();
  for (const [, name, value] of attributes.matchAll(/([\w:-]+)="([^"]*)"/g)) {
    if (names.has(name!)) return `the attribute ${name} twice`;
    names.add(name!);
    const wrong = entityFault(value!);
    if (wrong !== null) return wrong;
  }
  return null;
}

function entityFault(text: string): string | null {
  const bare = /&(?!(?:amp|lt|gt|quot|apos|#\d+|#x[0-9a-fA-F]+);)/.exec(text);
  return bare === null ? null : `a bare & in ${around(text, bare.index)}`;
}

function around(text: string, position: number): string {
  return JSON.stringify(text.slice(position, position + 60));
}
