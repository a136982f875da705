/** An element of an XML report; attributes are not kept. */
export interface XmlElement {
  tag: string;
  text: string;
  children: XmlElement[];
  /** its end tag was read */
  whole: boolean;
}

/**
 * Reads XML as far as it is well formed. Everything that was closed before the first `problem` can be trusted to be whole; what was open has
 * `whole: false`. Comments and declarations are passed over; `&lt;` and the like are decoded.
 */
export function xmlTree(text: string): { root?: XmlElement; problem?: string } {
  const open: XmlElement[] = [];
  let root: XmlElement | undefined;
  let at = 0;
  const lineAt = (i: number): number => text.slice(0, i).split('\n').length;
  const fail = (what: string): { root?: XmlElement; problem: string } => ({ root, problem: `line ${lineAt(at)}: ${what}` });
  while (at < text.length) {
    const tag = text.indexOf('<', at);
    const words = text.slice(at, tag < 0 ? undefined : tag);
    if (open.length) open[open.length - 1].text += decode(words);
    else if (words.trim()) return fail('text outside the outermost element');
    if (tag < 0) break;
    at = tag;
    const skip = text.startsWith('<!--', at) ? '-->' : text.startsWith('<?', at) ? '?>' : undefined;
    if (skip) {
      const end = text.indexOf(skip, at);
      if (end < 0) return fail('a comment or declaration without end');
      at = end + skip.length;
      continue;
    }
    const match = text.slice(at, at + 20_000).match(/^<(\/?)([A-Za-z_][\w.-]*)((?:\s+[\w:.-]+="[^"<]*")*)\s*(\/?)>/);
    if (!match) return fail('a tag is damaged or cut');
    const [whole, closing, name, , empty] = match;
    if (closing) {
      const element = open.pop();
      if (!element || element.tag !== name) return fail(`</${name}> closes <${element?.tag ?? ''}>`);
      element.whole = true;
    } else {
      const element: XmlElement = { tag: name, text: '', children: [], whole: empty === '/' };
      if (open.length) open[open.length - 1].children.push(element);
      else if (root) return fail('a second outermost element');
      else root = element;
      if (!empty) open.push(element);
    }
    at += whole.length;
  }
  return open.length ? { root, problem: `the file ends inside <${open.map((e) => e.tag).join('> <')}>` } : { root };
}

const ENTITIES: Record<string, string> = { lt: '<', gt: '>', amp: '&', quot: '"', apos: "'" };
const decode = (text: string): string => text.replace(/&(\w+);/g, (whole, name) => ENTITIES[name] ?? whole);

/** The element reached by tags from `element`, undefined where one is missing. */
export function elementAt(element: XmlElement | undefined, ...tags: string[]): XmlElement | undefined {
  return tags.reduce<XmlElement | undefined>((e, tag) => e?.children.find((c) => c.tag === tag), element);
}

/** Text of a whole element without children; blanks around it, which the tools never write, make it undefined. */
export function textAt(element: XmlElement | undefined, ...tags: string[]): string | undefined {
  const leaf = elementAt(element, ...tags);
  return leaf?.whole && !leaf.children.length && leaf.text === leaf.text.trim() ? leaf.text : undefined;
}
