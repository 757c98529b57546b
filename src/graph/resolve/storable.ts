const UNSTORABLE = /\0|[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/g;

/**
 * Text as both databases can keep it: half surrogates, which have no UTF-8 form, and NUL, where SQLite ends a text,
 * become U+FFFD. The length, and with it every offset, stays.
 */
export function storable(text: string): string {
  return text.replace(UNSTORABLE, '\ufffd');
}
