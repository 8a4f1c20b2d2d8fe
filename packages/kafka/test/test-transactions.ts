import { randomUUID } from 'node:crypto'
import {
  addPartitionsToTxnV3,
  Connection,
  endTxnV3,
  findCoordinatorV4,
  initProducerIdV4,
  produceV9,
} from '@platformatic/kafka'
import { again } from './again.ts'

/** One transactional producer that writes to partition 0 of topics. */
export class TestTransactions {
  readonly #id = `tx-${randomUUID()}`
  readonly #connection: Connection
  readonly #sequences = new Map<string, number>()
  #producerId = -1n
  #producerEpoch = -1

  constructor(connection: Connection) {
    this.#connection = connection
  }

  static async open(bootstrap: string): Promise<TestTransactions> {
    const [host, port] = bootstrap.split(':')
    const connection = new Connection('test')
    connection.on('error', () => {})
    await connection.connect(host!, Number(port))
    const transactions = new TestTransactions(connection)
    // Looking for the coordinator is what makes a fresh broker create its transaction log.
    await again(() => findCoordinatorV4.api.async(connection, 1, [transactions.#id]))
    const given = await again(() => initProducerIdV4.api.async(connection, transactions.#id, 60_000))
    transactions.#producerId = given.producerId
    transactions.#producerEpoch = given.producerEpoch
    return transactions
  }

  async run(topic: string, values: readonly string[], outcome: 'commit' | 'abort'): Promise<void> {
    await this.begin(topic, values)
    await this.end(outcome)
  }

  async begin(topic: string, values: readonly string[]): Promise<void> {
    await again(() =>
      addPartitionsToTxnV3.api.async(this.#connection, [
        {
          transactionalId: this.#id,
          producerId: this.#producerId,
          producerEpoch: this.#producerEpoch,
          verifyOnly: false,
          topics: [{ name: topic, partitions: [0] }],
        },
      ]),
    )
    const sequence = this.#sequences.get(topic) ?? 0
    const messages = values.map((value) => ({
      topic,
      partition: 0,
      key: Buffer.from('k'),
      value: Buffer.from(value),
    }))
    await produceV9.api.async(this.#connection, -1, 10_000, messages, {
      transactionalId: this.#id,
      producerId: this.#producerId,
      producerEpoch: this.#producerEpoch,
      sequences: { getWithDefault: () => sequence } as never,
    })
    this.#sequences.set(topic, sequence + values.length)
  }

  async end(outcome: 'commit' | 'abort'): Promise<void> {
    await again(() =>
      endTxnV3.api.async(
        this.#connection,
        this.#id,
        this.#producerId,
        this.#producerEpoch,
        outcome === 'commit',
      ),
    )
  }

  close(): Promise<void> {
    return this.#connection.close()
  }
}
