import { styleText } from 'node:util'

/** A stream that is written to: standard output, or a buffer in a test. */
export interface TextStream {
  write(text: string): unknown
  readonly isTTY?: boolean | undefined
  readonly columns?: number | undefined
}

/** Looks that output may have. */
export type Look = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Gives text a look where the stream shows colours: on a terminal, unless NO_COLOR is set. */
export function style(stream: TextStream, look: Look | readonly Look[], text: string): string {
  if (stream.isTTY !== true || (process.env.NO_COLOR ?? '') !== '') return text
  return styleText(typeof look === 'string' ? look : [...look], text, { validateStream: false })
}
