import { assert, assertEquals } from "@std/assert";
import { xmlFault } from "./xml_fault.ts";

Deno.test("well-formed text has no fault", () => {
  for (
    const text of [
      "<a/>",
      '<?xml version="1.0" encoding="UTF-8"?>\n<a b="1 &amp; 2"><c>x &lt; y</c></a>\n',
      "<!doctype html>\n<html><!-- a comment --><p>&#8217;</p></html>",
    ]
  ) assertEquals(xmlFault(text), null, text);
});

Deno.test("every kind of fault is found", () => {
  for (
    const text of [
      "",
      "<a>",
      "<a></b>",
      "</a>",
      "<a/><b/>",
      "x<a/>",
      "<a>&</a>",
      "<a>&nbsp;</a>",
      "<a b=1/>",
      '<a b="1" b="2"/>',
      '<a b="<"/>',
      "<a>\x00</a>",
      "<a>\ud800</a>",
      "<a>1 < 2</a>",
    ]
  ) assert(xmlFault(text) !== null, text);
});
