import { stripVTControlCharacters } from 'node:util'

/** A duration for people: `40 ms`, `3.2 s`, `2 min 05 s`. */
export function duration(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`
  if (seconds < 59.95) return `${seconds.toFixed(1)} s`
  const whole = Math.round(seconds)
  return `${Math.floor(whole / 60)} min ${String(whole % 60).padStart(2, '0')} s`
}

/** `12.3 MiB` */
export function size(bytes: number): string {
  const units = ['bytes', 'KiB', 'MiB', 'GiB', 'TiB'] as const
  let value = bytes
  let unit = 0
  for (; value >= 1024 && unit < units.length - 1; unit++) value /= 1024
  return `${unit === 0 ? value : value.toFixed(1)} ${units[unit]}`
}

/** `1 test`, `2 tests` */
export function count(number: number, one: string, many = `${one}s`): string {
  return `${number} ${number === 1 ? one : many}`
}

/**
 * Text that cannot act on what shows it: colours of a terminal are taken out, other control characters are shown as their
 * pictures (␛); line breaks and tabs stay.
 */
export function plain(text: string): string {
  return (
    stripVTControlCharacters(text)
      .replaceAll('\r\n', '\n')
      // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what is looked for
      .replace(/[\u0000-\u0008\u000b-\u001f]/g, (char) => String.fromCharCode(0x2400 + char.charCodeAt(0)))
      .replace(/[\u007f-\u009f]/g, '\u2421')
      // Halves of a pair of surrogates and non-characters are allowed in neither HTML nor XML.
      .replace(/\p{Cs}|[\ufffe\uffff]/gu, '\ufffd')
  )
}

/** Text of one line: line breaks are shown as `⏎`, and what is longer than `most` characters ends with `…`. */
export function oneLine(text: string, most = 300): string {
  const line = plain(text).trim().replaceAll('\n', ' ⏎ ').replaceAll('\t', ' ')
  return line.length > most ? `${line.slice(0, most - 1)}…` : line
}
