import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync, renameSync, writeSync } from 'node:fs'
import { dirname } from 'node:path'
import { StatefunError } from '@statefun/protocol'
import type { TopicRecord } from './topic-record.ts'

/** One line of the file: topic, partition, offset, timestamp, key, value, headers; bytes in base64. */
type JournalLine = readonly [
  topic: string,
  partition: number,
  offset: number,
  timestamp: number,
  key: string | null,
  value: string | null,
  headers: readonly (readonly [string, string | null])[],
]

/**
 * Keeps in-process topics in a file of JSON lines, so that they outlive a restart of the process.
 *
 * Lines gathered in a turn of the event loop are written at its end, before any checkpoint that was asked for in that turn
 * can reach the disk: a checkpoint never names an offset that the file does not have. They are not fsync'd: the file
 * survives the process, not the machine.
 */
export class TopicJournal {
  readonly #file: string
  #fd: number
  #pending: string[] = []

  private constructor(file: string, fd: number) {
    this.#file = file
    this.#fd = fd
  }

  /**
   * Opens or creates the file and hands every record in it to `load`, oldest first.
   *
   * @throws StatefunError `SF_TOPICS_JOURNAL` when it cannot be read or a line other than the last is damaged
   */
  static open(file: string, load: (record: TopicRecord) => void): TopicJournal {
    try {
      mkdirSync(dirname(file), { recursive: true })
      const fd = openSync(file, 'a+')
      const text = readFileSync(fd, 'utf8')
      const complete = text.lastIndexOf('\n') + 1
      for (const line of text.slice(0, complete).split('\n')) if (line !== '') load(parseLine(line))
      const journal = new TopicJournal(file, fd)
      if (complete < text.length) journal.rewriteText(text.slice(0, complete))
      return journal
    } catch (cause) {
      throw new StatefunError('SF_TOPICS_JOURNAL', `cannot read the journal of the in-process topics`, {
        where: file,
        hint: 'delete the file to start with empty topics',
        cause,
      })
    }
  }

  append(record: TopicRecord): void {
    if (this.#pending.length === 0) queueMicrotask(() => this.flush())
    this.#pending.push(formatLine(record))
  }

  flush(): void {
    if (this.#pending.length === 0 || this.#fd === -1) return
    const text = this.#pending.join('')
    this.#pending = []
    writeSync(this.#fd, text)
  }

  /** Replaces the content by these records, at once or not at all. */
  rewrite(records: Iterable<TopicRecord>): void {
    this.#pending = []
    this.rewriteText(Array.from(records, formatLine).join(''))
  }

  close(): void {
    this.flush()
    if (this.#fd !== -1) closeSync(this.#fd)
    this.#fd = -1
  }

  private rewriteText(text: string): void {
    const temporary = `${this.#file}.tmp`
    const fd = openSync(temporary, 'w')
    writeSync(fd, text)
    fsyncSync(fd)
    closeSync(fd)
    renameSync(temporary, this.#file)
    closeSync(this.#fd)
    this.#fd = openSync(this.#file, 'a')
  }
}

function formatLine(record: TopicRecord): string {
  const line: JournalLine = [
    record.topic,
    record.partition,
    record.offset,
    record.timestamp,
    toBase64(record.key),
    toBase64(record.value),
    record.headers.map((header) => [header.key, toBase64(header.value)] as const),
  ]
  return `${JSON.stringify(line)}\n`
}

function parseLine(text: string): TopicRecord {
  const [topic, partition, offset, timestamp, key, value, headers] = JSON.parse(text) as JournalLine
  return {
    topic,
    partition,
    offset,
    timestamp,
    key: fromBase64(key),
    value: fromBase64(value),
    headers: headers.map(([name, bytes]) => ({ key: name, value: fromBase64(bytes) })),
  }
}

function toBase64(bytes: Uint8Array | null): string | null {
  return bytes === null
    ? null
    : Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength).toString('base64')
}

function fromBase64(text: string | null): Uint8Array | null {
  return text === null ? null : new Uint8Array(Buffer.from(text, 'base64'))
}
