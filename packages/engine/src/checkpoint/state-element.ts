/**
 * A state of an epoch or of a snapshot, as it lies in their bytes. There may be millions, and most are looked at without
 * making objects of their parts: so it is the same one for all of them, good until the visitor that is given it returns.
 */
export class StateElement {
  namespace = ''
  type = ''
  name = ''
  typename = ''
  /** Epoch milliseconds; 0 is none. */
  stamp = 0
  readonly bytes: Buffer
  /** Where the id is, in UTF-8. */
  readonly idRange: { readonly bytes: Buffer; start: number; end: number }
  /** Where the value is; -1 is a deletion. */
  valueStart = -1
  valueEnd = -1

  constructor(bytes: Buffer) {
    this.bytes = bytes
    this.idRange = { bytes, start: 0, end: 0 }
  }

  get id(): string {
    return this.bytes.toString('utf8', this.idRange.start, this.idRange.end)
  }

  get deleted(): boolean {
    return this.valueStart === -1
  }

  /** A copy: what is kept must not hold on to the file's buffer. Undefined is a deletion. */
  get value(): Uint8Array | undefined {
    return this.deleted ? undefined : new Uint8Array(this.bytes.subarray(this.valueStart, this.valueEnd))
  }
}
