import type { KinesisClient } from '@aws-sdk/client-kinesis'
import { MOST_PUT, put, readAll, STREAM_IN, STREAM_OUT, type StreamRecord } from './streams.ts'

/** Requests under way at once, of reads as of writes. */
const MOST_REQUESTS = 4

/** Records of full requests, sent a few at once; a caller that is too fast waits. */
export class Writer {
  readonly #client: KinesisClient
  readonly #stream: string
  readonly #written: (records: number) => void
  readonly #underway = new Set<Promise<void>>()
  #gathered: StreamRecord[] = []

  /** @param written is told how many records more are acknowledged */
  constructor(client: KinesisClient, stream: string, written: (records: number) => void) {
    this.#client = client
    this.#stream = stream
    this.#written = written
  }

  async write(records: readonly StreamRecord[]): Promise<void> {
    for (const record of records) {
      this.#gathered.push(record)
      if (this.#gathered.length === MOST_PUT) await this.#send()
    }
  }

  async flush(): Promise<void> {
    if (this.#gathered.length > 0) await this.#send()
    await Promise.all(this.#underway)
  }

  async #send(): Promise<void> {
    const batch = this.#gathered
    this.#gathered = []
    while (this.#underway.size >= MOST_REQUESTS) await Promise.race(this.#underway)
    const request = put(this.#client, this.#stream, batch).then(() => {
      this.#underway.delete(request)
      this.#written(batch.length)
    })
    this.#underway.add(request)
  }
}

/**
 * Reads every record of the first stream and writes it to the second one: what any engine between them can reach at most.
 *
 * @param progress is told 0 when the first records are read, then how many are written
 */
export async function bareLoop(
  client: KinesisClient,
  records: number,
  progress: (written: number) => void,
): Promise<void> {
  let read = 0
  let written = 0
  const writer = new Writer(client, STREAM_OUT, (more) => {
    written += more
    progress(written)
  })
  await readAll(
    client,
    STREAM_IN,
    async (batch) => {
      if (read === 0) progress(0)
      read += batch.length
      await writer.write(batch)
      if (read === records) await writer.flush()
    },
    () => read === records,
  )
}
