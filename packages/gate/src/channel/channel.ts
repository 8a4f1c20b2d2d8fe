/** A record to send. */
export interface OutgoingRecord {
  readonly topic: string
  readonly key: string
  readonly value: Uint8Array
}

/** A record as a reader of committed records gets it. */
export interface IncomingRecord {
  readonly topic: string
  readonly partition: number
  readonly offset: number
  /** UTF-8 text; empty for a record without key. */
  readonly key: string
  readonly value: Uint8Array
}

/** The way of records to an engine and back: topics of a Kafka, or of this process. */
export interface Channel extends AsyncDisposable {
  /** Sends records in order, each once; settles when all are acknowledged. */
  send(records: readonly OutgoingRecord[]): Promise<void>
  /**
   * Hands over every record of a topic from its beginning; of those that a transaction wrote, what is committed.
   *
   * @returns what ends it
   */
  receive(topic: string, listener: (record: IncomingRecord) => void): Promise<() => Promise<void>>
}
