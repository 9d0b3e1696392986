// Texts in which line ends and tabs count, as people type and see them in one line. Pure.

export function textsOf(value: unknown): string[] {
  if (typeof value === 'string') return [value]
  return Array.isArray(value) ? value.filter((one) => typeof one === 'string') : []
}

const SIGNS: Record<string, string> = { '\\n': '\n', '\\t': '\t', '\\r': '\r', '\\\\': '\\' }

/** `\n` typed becomes the end of a line. */
export function unescaped(text: string): string {
  return text.replace(/\\[ntr\\]/g, (sign) => SIGNS[sign] ?? sign)
}

export function escaped(text: string): string {
  const written = Object.entries(SIGNS).map(([typed, sign]) => [sign, typed] as const)
  return text.replace(/[\n\t\r\\]/g, (sign) => new Map(written).get(sign) ?? sign)
}
