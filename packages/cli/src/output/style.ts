import { styleText } from 'node:util'
import type { TextStream } from '../io.ts'

/** Looks that output may have. */
export type Look = 'bold' | 'dim' | 'red' | 'green' | 'yellow' | 'cyan'

/** Gives text a look where the stream shows colours: on a terminal, unless NO_COLOR is set. */
export function style(stream: TextStream, look: Look | readonly Look[], text: string): string {
  if (stream.isTTY !== true || (process.env.NO_COLOR ?? '') !== '') return text
  return styleText(typeof look === 'string' ? look : [...look], text, { validateStream: false })
}
