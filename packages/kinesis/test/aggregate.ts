import { createRequire } from 'node:module'

/** A record before it is aggregated. */
export interface UserRecord {
  readonly partitionKey: string
  readonly data: Uint8Array
  readonly explicitHashKey?: string
}

interface AggregateLibrary {
  readonly RecordAggregator: new () => {
    addUserRecord(record: object): void
    build(): { readonly partitionKey: string; readonly data: Buffer }
  }
  deaggregateSync(
    record: object,
    checksums: boolean,
    done: (error: unknown, records?: readonly { partitionKey: string; data: string }[]) => void,
  ): void
}

/** Its types want a package of AWS that is not there. */
const library: AggregateLibrary = createRequire(import.meta.url)('aws-kinesis-agg')

/** Packs records into one with the npm package of AWS. */
export function aggregate(records: readonly UserRecord[]): Uint8Array {
  const aggregator = new library.RecordAggregator()
  for (const { data, ...rest } of records) aggregator.addUserRecord({ ...rest, data: Buffer.from(data) })
  return aggregator.build().data
}

/** Unpacks a record with the npm package of AWS. */
export function unpackWithAws(record: Uint8Array): { partitionKey: string; text: string }[] {
  let found: readonly { partitionKey: string; data: string }[] = []
  const data = Buffer.from(record).toString('base64')
  library.deaggregateSync({ data, partitionKey: 'outer', sequenceNumber: '1' }, true, (error, records) => {
    if (error) throw error
    found = records ?? []
  })
  return found.map(({ partitionKey, data: text }) => ({
    partitionKey,
    text: Buffer.from(text, 'base64').toString(),
  }))
}
