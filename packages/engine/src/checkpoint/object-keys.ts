/*
  prefix => log-<slot>.sflog* base-<slot>*
    log-N    one epoch, or the claim of an engine that takes over (log-object.ts); N counts up without gaps
    base-N   part-<number>.sfbase+ end
      part-N   header frame, base chunks
      end      header frame, base end; written last: without it there is no snapshot
  A snapshot together with the slots from N on is the whole state.
*/
const LOG = /^log-(\d{16})\.sflog$/
const BASE = /^base-(\d{16})\/(?:part-\d{6}\.sfbase|(end))$/

/** What the keys of all slots begin with. */
export const LOG_PREFIX = 'log-'
/** What the keys of all snapshots begin with. */
export const BASE_PREFIX = 'base-'

export function logKey(slot: number): string {
  return `${LOG_PREFIX}${digits(slot)}.sflog`
}

export function basePartKey(slot: number, part: number): string {
  return `${BASE_PREFIX}${digits(slot)}/part-${String(part).padStart(6, '0')}.sfbase`
}

export function baseEndKey(slot: number): string {
  return `${BASE_PREFIX}${digits(slot)}/end`
}

/** The slot that a key names; undefined when it is not that of a slot. */
export function slotOfLog(key: string): number | undefined {
  const match = LOG.exec(key)
  return match === null ? undefined : Number(match[1])
}

/** The snapshot that a key belongs to; undefined when it is not of one. */
export function slotOfBase(key: string): { readonly slot: number; readonly isEnd: boolean } | undefined {
  const match = BASE.exec(key)
  return match === null ? undefined : { slot: Number(match[1]), isEnd: match[2] !== undefined }
}

/** Sixteen hold every number up to 2^53, so that the order of keys is that of slots. */
function digits(slot: number): string {
  return String(slot).padStart(16, '0')
}
